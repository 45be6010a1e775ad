"""The simulator as an object: settings, state, core, and the lab in it. No network; `server` puts it on a port.

with Simulator.open(Settings(state_dir=Path("state"))) as simulator:
    lab = simulator.ensure_lab()
    response = simulator.handle(ApiRequest("GET", "/identity/keys"))
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Self

from keyprotect_simulator.core import Core
from keyprotect_simulator.disturbances import Disturbances
from keyprotect_simulator.iam.tokens import TokenIssuer, new_signing_key
from keyprotect_simulator.lab import Lab, existing_lab, lab_records
from keyprotect_simulator.records import Put, SigningKey
from keyprotect_simulator.state.journal import Forgetful, Journal
from keyprotect_simulator.state.tables import State

if TYPE_CHECKING:
    from types import TracebackType

    from keyprotect_simulator.identifiers import Clock, Random
    from keyprotect_simulator.messages import ApiRequest, ApiResponse
    from keyprotect_simulator.settings import Settings


class Simulator:
    """Key Protect and IAM over one state."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        *,
        clock: Clock = time.time,
        iam_clock: Clock = time.time,
        random: Random = os.urandom,
    ) -> None:
        self.settings = settings
        self.disturbances = Disturbances()
        self._journal = journal
        self._clock = clock
        self.random = random
        state = State(journal.load())
        signing_key = next(iter(state.all(SigningKey)), None) or new_signing_key(random)
        self.core = Core(
            state,
            journal,
            TokenIssuer(signing_key),
            clock=clock,
            iam_clock=iam_clock,
            random=random,
            content_type=settings.content_type,
        )
        if state.get(SigningKey, signing_key.id) is None:
            with self.core.exclusive():
                self.core.commit(Put(signing_key))

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock = time.time, iam_clock: Clock = time.time, random: Random = os.urandom) -> Simulator:
        """A simulator with the journal that the settings ask for.

        Raises:
            StateFolderError: the state folder cannot be used.
        """
        journal = open_journal(settings, random)
        try:
            return cls(settings, journal, clock=clock, iam_clock=iam_clock, random=random)
        except BaseException:
            journal.close()
            raise

    @property
    def state(self) -> State:
        """What the simulator remembers; read only."""
        return self.core.state

    def handle(self, request: ApiRequest) -> ApiResponse:
        """The answer to a request. Safe to call from several threads."""
        return self.core.handle(request)

    def ensure_lab(self) -> Lab:
        """The lab, made if it is not there; a revoked API key of it is replaced. Idempotent."""
        with self.core.exclusive():
            if existing_lab(self.state) is None:
                self.core.commit(*lab_records(self.state, region=self.settings.region, now=self._clock(), random=self.random))
        lab = existing_lab(self.state)
        assert lab is not None
        return lab

    def close(self) -> None:
        """Release the state folder."""
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def open_journal(settings: Settings, random: Random) -> Journal:
    """The journal that the settings ask for."""
    if settings.state_dir is None:
        return Forgetful()
    from keyprotect_simulator.state.folder import FolderJournal

    return FolderJournal.open(settings.state_dir, random=random)
