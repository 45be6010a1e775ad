"""The suite's pytest plugin: it adds the ``--kmip-…`` options, and does nothing else until ``--kmip-target`` is given.

It is installed into every pytest run of whoever has kmiplab installed; so this module imports nothing that such a run would not have
imported anyway.

    pytest --pyargs kmip_conformance --kmip-target kms:5696 --kmip-ca ca.pem --kmip-cert client.pem --kmip-key client.key
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_ONE = (
    ("--kmip-target", "HOST:PORT", "the KMIP server to judge; without it this plugin does nothing"),
    ("--kmip-ca", "FILE", "the certificate authority of the server's certificate, PEM"),
    ("--kmip-cert", "FILE", "the client certificate, PEM"),
    ("--kmip-key", "FILE", "its private key, PEM"),
    ("--kmip-username", "NAME", "user name of the credential in each request"),
    ("--kmip-password", "WORD", "its password"),
    ("--kmip-other-cert", "FILE", "a second client's certificate, for the checks of access"),
    ("--kmip-other-key", "FILE", "its private key"),
    ("--kmip-timeout", "SECONDS", "how long to wait for an answer (default 10)"),
)
_SEVERAL = (
    ("--kmip-version", "VERSION", "judge under this KMIP version; repeatable (default: all that the server offers)"),
    ("--kmip-profile", "NAME", "claim a profile; repeatable"),
    ("--kmip-select", "PATTERN", "judge the checks of this id, family, tag or glob only; repeatable, ! excludes"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Name the options."""
    group = parser.getgroup("kmip", "conformance of a KMIP server (kmiplab)")
    for name, metavar, text in _ONE:
        group.addoption(name, metavar=metavar, help=text)
    for name, metavar, text in _SEVERAL:
        group.addoption(name, metavar=metavar, help=text, action="append", default=[])
    group.addoption("--kmip-brief", metavar="FILE", help="the brief that `kmiplab check` wrote, instead of the options above")
    group.addoption("--kmip-lines", metavar="DESCRIPTOR", type=int, help="the file descriptor that `kmiplab check` reads the attempts from")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to judge, if this run is asked to."""
    if config.getoption("--kmip-target") or config.getoption("--kmip-brief") or "kmip_brief" in getattr(config, "workerinput", {}):
        from kmip_conformance.judge.opening import open_session

        open_session(config)
