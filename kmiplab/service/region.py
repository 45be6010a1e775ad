"""A region's "KMIP for VMware": ordered, configured, given certificates, validated, deleted, recovered.

One state folder is one region's service. What the KMIP server needs (who may come in, whose keys are wrapped by which root key, sealed
API keys) is in the server's own file, so that its endpoints notice every change with the next request; what only the service knows is in
`records`. An instance is a client of the server, with the instance's id, and a keeper of that name.

| command      | from                       | on the way  | to        |
|--------------|----------------------------|-------------|-----------|
| order        | nothing, Installing        | Installing  | Inactive  |
| configure    | Inactive, Configuring      | Configuring | Installed |
| delete       | any                        | Removing    | nothing   |

A command that is interrupted leaves its status on the way, and goes on from there when it is repeated: whatever it has done already is
found done. Everything that may be refused is refused before the status changes.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
import re
import secrets
import string
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kmip_server.directory.contract import Keeper
from kmip_server.directory.pki import read_certificate
from kmip_server.errors import ConfigurationError

from kmiplab.lab_client import directory_of
from kmiplab.ready_file import read_ready_file
from kmiplab.service.key_protect import KeyProtect
from kmiplab.service.keys import count_by_state
from kmiplab.service.records import REGION, Records
from kmiplab.service.rights import check_order, check_rights, check_root_key, problem_of
from kmiplab.service.values import ClientCertificate, KeyManager, ServiceInstance, ServiceRefused, Status, no_such_instance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kmip_server.directory.contract import Client, Directory

    from kmiplab.service.values import Deletion, Recovery

ENDPOINTS_FILE = "endpoints.json"
"""Written by who runs the endpoints, gone with them: a ready file with ``endpoints``, pairs of host and port."""

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,59}")
CERTIFICATE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


class Region:
    """The service of one region, in one state folder."""

    def __init__(self, state_dir: Path, *, name: str = "us-south") -> None:
        """``name`` is the region's, in a state folder that is not another one's yet. Nothing is made before something is ordered."""
        self.state_dir = state_dir
        self.records = Records(state_dir)
        self.name = self.records.note("", REGION) or name

    # -- what there is

    def instances(self) -> Sequence[ServiceInstance]:
        """Every instance, oldest first."""
        return self.records.all()

    def instance(self, name_or_id: str) -> ServiceInstance:
        """The instance with that name or id. Raises `ServiceRefused`."""
        found = self.records.find(name_or_id)
        if found is None:
            raise no_such_instance(name_or_id)
        return found

    def key_manager(self, instance: str) -> KeyManager:
        """Where the keys of an instance are kept, with the API key."""
        found = self.instance(instance)
        with directory_of(self.state_dir) as directory:
            keeper = keeper_of(directory, found)
        return KeyManager(keeper.url, keeper.iam_url, keeper.instance_id, keeper.api_key)

    def endpoints(self) -> Sequence[tuple[str, int]]:
        """Where the endpoints answer now; none when they do not run."""
        content = read_ready_file(self.state_dir / ENDPOINTS_FILE)
        return [(str(host), int(port)) for host, port in content.get("endpoints", ())]

    # -- order and configure

    def order(self, key_manager: KeyManager, *, name: str | None = None) -> ServiceInstance:
        """Order an instance: Inactive then. The name is ``kmip-`` and two random letters unless it is given.

        Raises `ServiceRefused` for each thing that the service needs and does not have.
        """
        with self._alone():
            instance = self._ordered(key_manager, name or self._free_name())
            check_order(key_manager)
            self.records.take_note("", REGION, self.name)
            self.records.put(instance)
            with directory_of(self.state_dir) as directory:
                directory.put_keeper(_keeper(instance, key_manager, ""))
            return self.records.put(dataclasses.replace(instance, status=Status.INACTIVE, validated_at=int(time.time())))

    def configure(self, instance: str, *, crk_id: str, certificates: Mapping[str, str] = {}) -> ServiceInstance:
        """Choose the root key, let the clients with these certificates (PEM by name) in: Installed then."""
        with self._alone():
            ordered = self.instance(instance)
            if ordered.status not in {Status.INACTIVE, Status.CONFIGURING}:
                raise ServiceRefused(
                    "not-inactive",
                    f"{ordered.name} cannot be configured: it is {ordered.status}",
                    "an instance is configured once; `kmiplab service certificates add` adds certificates later.",
                )
            with directory_of(self.state_dir) as directory:
                key_manager = self.key_manager(ordered.id)
                with KeyProtect(key_manager) as key_protect:
                    check_rights(key_protect)
                    crk_id = check_root_key(key_protect, crk_id)
                wanted = {name: pem for name, pem in certificates.items() if not _is_pinned(directory, ordered, name, pem)}
                for name, pem in wanted.items():
                    self._check_certificate(directory, ordered, name, pem)
                _are_different(wanted)
                configuring = self.records.put(dataclasses.replace(ordered, status=Status.CONFIGURING, crk_id=crk_id))
                directory.put_keeper(_keeper(configuring, key_manager, crk_id))
                client = directory.client(ordered.id) or self._add_client(directory, ordered)
                for name, pem in wanted.items():
                    directory.add_certificate(client.id, pem, name)
            return self.records.put(dataclasses.replace(configuring, status=Status.INSTALLED, problem=None, validated_at=int(time.time())))

    # -- certificates

    def certificates(self, instance: str) -> Sequence[ClientCertificate]:
        """The client certificates of an instance, oldest first."""
        found = self.instance(instance)
        with directory_of(self.state_dir) as directory:
            return [ClientCertificate.of(pinned) for pinned in directory.certificates(found.id)]

    def add_certificate(self, instance: str, name: str, pem: str) -> ClientCertificate:
        """Let the client with this certificate in; it may use every key of the instance."""
        with self._alone(), directory_of(self.state_dir) as directory:
            found = self.installed(instance)
            self._check_certificate(directory, found, name, pem)
            return ClientCertificate.of(directory.add_certificate(found.id, pem, name))

    def delete_certificate(self, instance: str, name: str) -> None:
        """Shut the client with this certificate out, at once. Adding it again lets it back in."""
        with self._alone(), directory_of(self.state_dir) as directory:
            found = self.instance(instance)
            pinned = next((one for one in directory.certificates(found.id) if one.name == name), None)
            if pinned is None:
                raise ServiceRefused(
                    "no-such-certificate", f"{found.name} has no certificate {name}", "`kmiplab service certificates list` shows them."
                )
            directory.remove_certificate(pinned.id)

    # -- rights

    def validate(self, instance: str) -> ServiceInstance:
        """Look whether the service ID of an instance has its rights still, and its root key is active; what was found is kept."""
        found = self.instance(instance)
        problem = problem_of(self.key_manager(found.id), found.crk_id)
        noted = self.records.note_validation(found, problem, int(time.time()))
        if noted is None:
            raise no_such_instance(instance)
        return noted

    def renew(self, instance: str, key_manager: KeyManager) -> ServiceInstance:
        """Use another API key from now on, or another address of the same Key Protect instance."""
        with self._alone(), directory_of(self.state_dir) as directory:
            found = self.instance(instance)
            if key_manager.instance_id != found.key_manager_instance:
                raise ServiceRefused(
                    "another-key-manager",
                    f"the keys of {found.name} are in Key Protect instance {found.key_manager_instance}",
                    "only a recovery moves them to another one.",
                )
            directory.put_keeper(_keeper(found, key_manager, keeper_of(directory, found).crk_id))
            return found

    # -- the end, and back again

    def active_keys(self, instance: str) -> dict[str, int]:
        """How many keys of an instance are in which state: Pre-Active, Active, Deactivated, Compromised."""
        return count_by_state(self.state_dir, self.instance(instance).id)

    def delete(self, instance: str, *, force: bool = False, keep_wrapped_keys: bool = False) -> Deletion:
        """Delete an instance and destroy every key that was created for its certificates. Raises `StillActive` (`Removal`)."""
        from kmiplab.service.deletion import Removal

        with self._alone():
            found = self.instance(instance)
            removal = Removal(self.state_dir, self.records, found, self._key_manager_if_any(found))
            removal.begin(force=force, keep_wrapped_keys=keep_wrapped_keys)
            return removal.finish()

    def recover(self, instance: str, *, materials: Sequence[bytes], key_manager: KeyManager | None = None) -> Recovery:
        """Bring the keys back with the material of their root key, oldest first (`recovery`)."""
        from kmiplab.service.recovery import Drill

        with self._alone():
            found = self.installed(instance)
            told = key_manager or self.key_manager(found.id)
            with KeyProtect(told) as key_protect:
                check_rights(key_protect)
                return Drill(self.state_dir, found, key_protect).run(materials, lambda crk_id: self._point_at(found, told, crk_id))

    # -- for the other modules of the service

    def installed(self, instance: str) -> ServiceInstance:
        """The instance, which must be Installed. Raises `ServiceRefused`."""
        found = self.instance(instance)
        if found.status is not Status.INSTALLED:
            raise ServiceRefused("not-installed", f"{found.name} is {found.status}", "configure it first: `kmiplab service configure`.")
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One command at a time on a state folder; another one waits."""
        self.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.state_dir / "service.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _free_name(self) -> str:
        taken = {instance.name for instance in self.instances()}
        while (name := f"kmip-{''.join(secrets.choice(string.ascii_lowercase) for _ in range(2))}") in taken:
            pass
        return name

    def _ordered(self, key_manager: KeyManager, name: str) -> ServiceInstance:
        """A new instance, or the one of that name whose installation was interrupted."""
        if not NAME.fullmatch(name):
            raise ServiceRefused(
                "unusable-name", f"{name!r} cannot name an instance", "2 to 60 letters, digits, - and _, beginning with a letter."
            )
        known = self.records.find(name)
        if known is not None and known.status is not Status.INSTALLING:
            raise ServiceRefused("name-taken", f"there is an instance {name} already: it is {known.status}", "choose another name.")
        identifier = known.id if known is not None else str(uuid.uuid4())
        created = known.created_at if known is not None else int(time.time())
        return ServiceInstance(identifier, name, self.name, Status.INSTALLING, created, key_manager.instance_id)

    def _key_manager_if_any(self, instance: ServiceInstance) -> KeyManager | None:
        try:
            return self.key_manager(instance.id)
        except ServiceRefused:
            return None

    def _point_at(self, instance: ServiceInstance, key_manager: KeyManager, crk_id: str) -> ServiceInstance:
        with directory_of(self.state_dir) as directory:
            directory.put_keeper(_keeper(instance, key_manager, crk_id))
        changed = dataclasses.replace(instance, key_manager_instance=key_manager.instance_id, crk_id=crk_id)
        return self.records.put(dataclasses.replace(changed, problem=None, validated_at=int(time.time())))

    def _add_client(self, directory: Directory, instance: ServiceInstance) -> Client:
        try:
            return directory.add_client(instance.name, client_id=instance.id, keeper=instance.id)
        except ConfigurationError as error:
            raise ServiceRefused("name-taken", str(error), error.hint) from error

    def _check_certificate(self, directory: Directory, instance: ServiceInstance, name: str, pem: str) -> None:
        """Names are unique in an instance, certificates in a region."""
        if not CERTIFICATE_NAME.fullmatch(name):
            raise ServiceRefused("unusable-name", f"{name!r} cannot name a certificate", "1 to 60 letters, digits, spaces, dots, - and _.")
        try:
            facts = read_certificate(pem.encode(), f"certificate {name}")
        except ConfigurationError as error:
            raise ServiceRefused("unreadable-certificate", str(error), error.hint) from error
        everywhere = directory.certificates()
        if any(one.client_id == instance.id and one.name == name for one in everywhere):
            raise ServiceRefused("certificate-name-taken", f"{instance.name} has a certificate {name} already", "choose another name.")
        if any(one.fingerprint == facts.fingerprint for one in everywhere):
            raise ServiceRefused(
                "certificate-in-use",
                f"certificate {name} ({facts.subject}) is in use in {self.name} already",
                "a certificate is good for one instance of a region: make another one, or delete it there first.",
            )


def keeper_of(directory: Directory, instance: ServiceInstance) -> Keeper:
    """The keeper of an instance's keys. Raises `ServiceRefused` when there is none: the order was interrupted."""
    keeper = next((one for one in directory.keepers() if one.name == instance.id), None)
    if keeper is None:
        raise ServiceRefused(
            "not-installed", f"{instance.name} is {instance.status}: its order was interrupted", "order it again, under the same name."
        )
    return keeper


def _keeper(instance: ServiceInstance, key_manager: KeyManager, crk_id: str) -> Keeper:
    return Keeper(
        name=instance.id,
        url=key_manager.url,
        iam_url=key_manager.iam_url,
        instance_id=key_manager.instance_id,
        crk_id=crk_id,
        api_key=key_manager.api_key,
        keeps_keys=True,
    )


def _is_pinned(directory: Directory, instance: ServiceInstance, name: str, pem: str) -> bool:
    """Whether an interrupted configuration has come as far as this certificate."""
    pinned = next((one for one in directory.certificates(instance.id) if one.name == name), None)
    try:
        return pinned is not None and pinned.fingerprint == read_certificate(pem.encode()).fingerprint
    except ConfigurationError:
        return False


def _are_different(certificates: Mapping[str, str]) -> None:
    fingerprints = {read_certificate(pem.encode()).fingerprint for pem in certificates.values()}
    if len(fingerprints) != len(certificates):
        raise ServiceRefused("certificate-in-use", "the same certificate is given under two names", "give each certificate once.")
