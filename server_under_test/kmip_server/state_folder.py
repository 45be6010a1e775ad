"""The state folder: what a server finds there, and what it makes when it starts for the first time.

``kmip.db`` objects and clients · ``root.key`` the root key of local wrapping · ``ca.pem`` ``ca.key`` the server's own authority ·
``server.pem`` ``server.key`` its certificate · ``server-ecdsa.pem`` ``server-ecdsa.key`` a second one, for clients that want elliptic
curves. Everything is made at most once, complete or not at all.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from kmip_server.directory import pki
from kmip_server.errors import ConfigurationError
from kmip_server.files import write_private
from kmip_server.wrapping.local import PROVIDER, key_id_of, load_root_key

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_server.settings import Settings
    from kmip_server.store.sqlite import SqliteStore

RENEW_BEFORE = dt.timedelta(days=30)
"""The server's own certificate is made anew when it has less than this left."""


class ServerFiles(NamedTuple):
    """The PEM files that a server shows, and what its clients should trust; ``others`` are further certificates with their keys."""

    certificate: Path
    key: Path
    ca: Path
    others: tuple[tuple[Path, Path], ...] = ()


def prepare_certificates(settings: Settings) -> ServerFiles:
    """The files named in the settings, checked, or the server's own, made when needed. Raises `ConfigurationError`."""
    if (settings.certificate is None) != (settings.key is None):
        raise ConfigurationError("a server certificate and its key belong together", "name both files, or neither")
    if settings.certificate is not None and settings.key is not None:
        pki.load_key_pair(settings.certificate, settings.key)
        return ServerFiles(settings.certificate, settings.key, settings.ca or settings.certificate)
    authority = own_authority(settings.state_dir)
    certificate, key = _own_certificate(settings, "server", settings.server_key, authority)
    others = () if settings.server_key == "ecdsa" else (_own_certificate(settings, "server-ecdsa", "ecdsa", authority),)
    return ServerFiles(certificate, key, settings.state_dir / "ca.pem", others)


def _own_certificate(settings: Settings, name: str, kind: str, authority: pki.KeyPair) -> tuple[Path, Path]:
    """A certificate of the server's own and its key, made when needed."""
    certificate, key = settings.state_dir / f"{name}.pem", settings.state_dir / f"{name}.key"
    if not certificate.exists() or _must_be_renewed(certificate, key, authority, settings.server_names):
        names = pki.names_of_this_machine(settings.host, *settings.server_names)
        pki.create_server_certificate(authority, names, kind=kind).write(certificate, key)
    return certificate, key


def own_authority(state_dir: Path) -> pki.KeyPair:
    """The authority of a state folder; made when it is not there. Raises `ConfigurationError`.

    The key comes first, and a key without a certificate gets one: whoever was killed in between, or makes the same at the same time,
    leaves a pair that fits.
    """
    certificate, key = state_dir / "ca.pem", state_dir / "ca.key"
    if not certificate.exists():
        if not key.exists():
            write_private(key, pki.pem_of(pki.new_key()), replace=False)
        write_private(certificate, pki.create_authority(key=pki.load_key(key)).certificate_pem, replace=False)
    return _own_pair(certificate, key)


def _must_be_renewed(certificate_file: Path, key: Path, authority: pki.KeyPair, wanted: tuple[str, ...]) -> bool:
    """Raises `ConfigurationError` when the files are no pair at all."""
    certificate = _own_pair(certificate_file, key, expired_too=True).certificate
    too_old = certificate.not_valid_after_utc < dt.datetime.now(dt.UTC) + RENEW_BEFORE
    foreign = not pki.is_issued_by(certificate, authority.certificate)
    return too_old or foreign or not set(wanted) <= set(pki.names_in(certificate))


def _own_pair(certificate: Path, key: Path, *, expired_too: bool = False) -> pki.KeyPair:
    try:
        return pki.load_key_pair(certificate, key, expired_too=expired_too)
    except ConfigurationError as error:
        hint = f"restore {certificate.name} and {key.name} from a backup, or remove both: new ones are made then"
        raise ConfigurationError(str(error), hint) from error


def prepare_root_key(settings: Settings, store: SqliteStore) -> bytes:
    """The root key of local wrapping.

    Raises `ConfigurationError` when the file holds none, or when the stored keys are wrapped by another one: a new key in the place of a
    lost one would hide the loss until somebody asks for a key.
    """
    wrapped_by = {key_id for provider, key_id in store.wrapping_keys() if provider == PROVIDER}
    if wrapped_by and not settings.root_key.exists():
        raise ConfigurationError(
            f"the root key file {settings.root_key} is gone, and stored keys are wrapped by it",
            "restore it from a backup; nothing was changed",
        )
    root_key = load_root_key(settings.root_key)
    if wrapped_by - {key_id_of(root_key)}:
        raise ConfigurationError(
            f"{settings.root_key} holds another root key than the one that wraps the stored keys",
            "restore the right one from a backup; nothing was changed",
        )
    return root_key
