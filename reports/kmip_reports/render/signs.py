"""The signs of the verdicts on one particular terminal: a terminal that cannot spell ✔ gets ASCII."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from kmip_reports.render.words import VERDICTS

if TYPE_CHECKING:
    from kmip_reports.records import Verdict


SPELLED_IN_ASCII = str.maketrans({"·": "-", "–": "-", "…": "...", "“": '"', "”": '"', "—": "-"})


@dataclass(frozen=True, slots=True)
class Signs:
    """How verdicts are written where this console writes."""

    ascii: bool = False

    @classmethod
    def for_encoding(cls, encoding: str) -> Signs:
        """Signs that this encoding can carry."""
        try:
            "".join(word.symbol for word in VERDICTS.values()).encode(encoding)
        except (UnicodeEncodeError, LookupError):
            return cls(ascii=True)
        return cls()

    def of(self, verdict: Verdict) -> str:
        return VERDICTS[verdict].ascii if self.ascii else VERDICTS[verdict].symbol

    def text(self, verdict: Verdict) -> Text:
        """The sign in its colour; what is appended to it has a style of its own."""
        return Text().append(self.of(verdict), f"bold {VERDICTS[verdict].colour}")

    def spell(self, text: str) -> str:
        """The text in letters that the terminal has; whatever else was in it is written out."""
        return text.translate(SPELLED_IN_ASCII).encode("ascii", "backslashreplace").decode("ascii") if self.ascii else text
