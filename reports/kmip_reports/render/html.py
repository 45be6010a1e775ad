"""One self-contained HTML file from a template: style and script inline, nothing from the network, and a policy that keeps it so.

Templates escape everything that they are given (autoescape); the only markup that is trusted is this package's own style and script.
Their hashes stand in the Content-Security-Policy of the page, so that a browser runs these and nothing else, whatever a server
managed to smuggle into a text.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kmip_reports.figures import outcomes, versions_text
from kmip_reports.render.words import BASELINES, INCOMPLETE, MARKS, VERDICTS, exit_meaning, plural


def render(template: str, scripts: tuple[str, ...], **values: Any) -> str:
    """Render ``templates/<template>`` with the shared style and these scripts."""
    style = _asset("style.css")
    script = "\n".join(_asset(name) for name in scripts)
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    # These two are files of this package; they hold no text of a run.
    trusted = {"style": Markup(style), "script": Markup(script)}  # noqa: S704
    return _environment().get_template(template).render(policy=policy, **trusted, **values) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("kmip_reports.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "BASELINES": BASELINES,
        "exit_meaning": exit_meaning,
        "INCOMPLETE": INCOMPLETE,
        "MARKS": MARKS,
        "VERDICTS": VERDICTS,
        "outcomes": outcomes,
        "plural": plural,
        "versions_text": versions_text,
    }
    return environment


@cache
def _asset(name: str) -> str:
    text = (files("kmip_reports.render") / "templates" / name).read_text(encoding="utf-8")
    assert "</s" not in text, f"{name} would end the element that it stands in"
    return text


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
