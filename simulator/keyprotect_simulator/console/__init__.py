"""The console: one page that shows what is in the simulator and who asks for what, live. It needs no network and changes nothing.

`page.html`, `page.css` and `page.js` become one document, whose policy lets it run exactly these and talk to the simulator alone.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from keyprotect_simulator.messages import ApiResponse


@cache
def console_page() -> ApiResponse:
    """The page."""
    files = resources.files(__name__)
    document, style, script = (files.joinpath(f"page.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    whole = document.replace("/* style */", style).replace("/* script */", script)
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy(style=style, script=script)),
        ("Referrer-Policy", "no-referrer"),
    )
    return ApiResponse(200, headers, whole.encode())


def policy(*, style: str, script: str) -> str:
    """What the page may do: run its script and style, and ask the simulator."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{digest(style)}'",
            f"script-src '{digest(script)}'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def digest(text: str) -> str:
    """How a policy names a text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
