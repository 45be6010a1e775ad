"""The stages of the migration, in order: one table, and what each does.

The old provider is the classic service, the new one a KMIP adapter of the same Key Protect instance. An accident that was asked for
happens in the stage where it happens in life. The marks are those of `kmip_reports.render.words.MARKS`.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from kmiplab.rehearsal.accidents import HOST_OFF, NOT_REGISTERED, OLD_KEY_IN_USE
from kmiplab.rehearsal.estate import Kind
from kmiplab.rehearsal.migration import NEW, OLD, BrokenOff, Migration, Stage
from kmiplab.rehearsal.provider import KeyProvider, KeyRefused, NotTrusted
from kmiplab.rehearsal.sealing import WrongKey
from kmiplab.service import KeyManager, StillActive

if TYPE_CHECKING:
    from kmiplab.rehearsal.estate import Encrypted, Host

CERTIFICATE_NAME = "vcenter"
STANDARD_KEYS = "vmware_kmip"
"""How the names of standard keys begin in which the old service keeps its keys (VMware Solutions documentation)."""
LOCKED = "vCenter locks such a machine, and its alarm says that keys are missing on the KMS cluster, or that of a KMS cluster error"
"""As vSphere Security has it."""


def counted(number: int, noun: str) -> str:
    """A number with its noun: one key, two keys."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def on_the_classic_service(migration: Migration) -> None:
    """Order and configure the service, trust it, and encrypt the estate."""
    places = migration.places
    certificate = places.certificate(f"{migration.label}-old")
    access = places.access
    manager = KeyManager(access.url, access.iam_url, access.instance_id, access.api_key)
    migration.instance = f"kmip-{migration.label}"
    places.region.order(manager, name=migration.instance)
    places.region.configure(migration.instance, crk_id=access.crk_id, certificates={CERTIFICATE_NAME: certificate.pem})
    old = KeyProvider(OLD, certificate.at(places.classic), migration.traffic)
    vcenter, estate = migration.vcenter, migration.estate
    _trusts(migration, old)
    vcenter.default = OLD
    migration.each(estate.machines, vcenter.encrypts_machine)
    migration.each((item for item in estate.core_dumps if not item.host.cluster), vcenter.keys_host)
    for cluster in estate.clusters:
        vcenter.keys_cluster(cluster)
    _a_clone_is_made(migration)
    everything = list(estate.encrypted())
    if migration.problems:
        raise BrokenOff("the estate could not be encrypted")
    migration.tell(
        f"{counted(len(everything), 'data key')} wrapped by {counted(len(vcenter.made), 'key')} of the service {migration.instance}"
    )


def _a_clone_is_made(migration: Migration) -> None:
    """A clone has the disks of its original, and with them its data key and the reference to its key."""
    if OLD_KEY_IN_USE.name not in migration.accidents:
        return
    original = migration.estate.machines[0]
    clone = copy(original)
    clone.name, clone.is_on = f"{original.name}-clone", False
    migration.estate.clones.append(clone)
    migration.tell(f"{clone.name}, a clone of {original.name}, was made a template: it has the key of its original", OLD_KEY_IN_USE)


def an_adapter_beside_it(migration: Migration) -> None:
    """A root key of its own and an adapter, over REST."""
    key_protect = migration.places.key_protect
    root_key = key_protect.make_root_key(f"native-{migration.label}")
    migration.adapter = key_protect.make_adapter(f"native-{migration.label}", root_key)
    migration.tell("a root key and a KMIP adapter (profile native_1.0) were made in the same Key Protect instance")


def trust(migration: Migration) -> None:
    """A new certificate in vCenter, registered at the adapter, then trust."""
    places = migration.places
    certificate = places.certificate(f"{migration.label}-new")
    new = KeyProvider(NEW, certificate.at([places.native]), migration.traffic)
    if NOT_REGISTERED.name in migration.accidents:
        _trust_too_early(migration, new)
    places.key_protect.register_certificate(migration.adapter, CERTIFICATE_NAME, certificate.pem)
    migration.tell("vCenter's new certificate is registered at the adapter")
    _trusts(migration, new)
    too_early = [NOT_REGISTERED] if NOT_REGISTERED.name in migration.accidents else []
    migration.tell("with the certificate registered, vCenter trusts the new provider, and it trusts vCenter", *too_early)


def _trust_too_early(migration: Migration, new: KeyProvider) -> None:
    try:
        migration.vcenter.establishes_trust(new)
    except NotTrusted as refused:
        migration.tell(f"trust fails: {refused}", NOT_REGISTERED)
        migration.tell("vCenter shows the provider as not connected, and asks for trust to be established", NOT_REGISTERED)
        return
    raise BrokenOff("a certificate that nobody registered was let in")


def _trusts(migration: Migration, provider: KeyProvider) -> None:
    try:
        migration.vcenter.establishes_trust(provider)
    except NotTrusted as refused:
        raise BrokenOff(f"there is no trust: {refused}") from refused


def new_default(migration: Migration) -> None:
    """New keys come from the new provider from now on; nothing that exists has moved by that."""
    migration.vcenter.default = NEW
    for name in (OLD, NEW):
        migration.vcenter.checks_health(migration.vcenter.providers[name])
    migration.tell(f"new keys come from {NEW}; what is encrypted refers to {OLD} as before")


def machines(migration: Migration) -> None:
    """Re-encrypt every virtual machine, shallowly."""
    if HOST_OFF.name in migration.accidents:
        _a_host_fails(migration)
    done = migration.each(migration.estate.machines, migration.vcenter.encrypts_machine)
    migration.tell(f"{counted(done, 'virtual machine')} re-encrypted: a new key each, the same data key wrapped anew, no data rewritten")
    for clone in migration.estate.clones:
        migration.tell(f"{clone.name} is a template and is left out", OLD_KEY_IN_USE)


def _a_host_fails(migration: Migration) -> None:
    """A host of a vSAN cluster if there is one; its machines are started elsewhere."""
    estate = migration.estate
    host = next((host for host in estate.hosts if host.cluster), estate.hosts[-1])
    host.is_on = False
    host.memory.clear()
    migration.off.append(host)
    others = [other for other in estate.hosts if other.is_on]
    for number, machine in enumerate(machine for machine in estate.machines if machine.host is host):
        if others:
            machine.host = others[number % len(others)]
    migration.tell(f"{host.name} is off; its machines run on other hosts", HOST_OFF)


def hosts(migration: Migration) -> None:
    """A new host key for every host that is on and has one of its own."""
    own = [item for item in migration.estate.core_dumps if not item.host.cluster]
    done = migration.each((item for item in own if item.host.is_on), migration.vcenter.keys_host)
    migration.tell(f"{counted(done, 'host')} rekeyed")
    _tell_of_missed(migration, [item.host for item in own if not item.host.is_on])


def clusters(migration: Migration) -> None:
    """Two new keys for every vSAN cluster, fetched by each of its hosts that is on."""
    missed: list[Host] = []
    for number, cluster in enumerate(migration.estate.clusters, 1):
        try:
            missed += migration.vcenter.keys_cluster(cluster)
        except (KeyRefused, WrongKey) as refused:
            migration.problems.append(f"{cluster.name}: {refused}")
            migration.tell(f"{cluster.name} stays as it is: {refused}")
        migration.watch.step(number, len(migration.estate.clusters))
    migration.tell(f"{counted(len(migration.estate.clusters), 'vSAN cluster')} rekeyed: both keys, by every host itself")
    _tell_of_missed(migration, missed)


def _tell_of_missed(migration: Migration, missed: list[Host]) -> None:
    for host in missed:
        migration.tell(f"{host.name} is off: what it holds stays wrapped by the old keys", HOST_OFF)


def verify(migration: Migration) -> None:
    """Look at everything encrypted: whose key does it need?"""
    left = migration.estate.refers_to(OLD)
    objects = migration.places.key_protect.objects_of(migration.adapter)
    kept = migration.places.key_protect.standard_keys(STANDARD_KEYS)
    migration.tell(f"Key Protect has {counted(objects, 'KMIP object')} of the adapter, {counted(kept, 'standard key')} of the old service")
    if not left:
        migration.tell(f"nothing refers to {OLD} any more")
    migration.tell_of(left, lambda item: f"key {item.key.key_id} of {OLD} is needed for {item.name}")


def retire(migration: Migration) -> None:
    """An administrator revokes every old key that nothing refers to: vCenter never does."""
    used = {item.key for item in migration.estate.refers_to(OLD)}
    old = [key for key in migration.vcenter.made if key.provider == OLD]
    unused = [key for key in old if key not in used and key not in migration.revoked]
    for number, key in enumerate(unused, 1):
        with migration.vcenter.providers[OLD].line() as line:
            line.revoke(key.key_id)
        migration.revoked.add(key)
        migration.watch.step(number, len(unused))
    sentence = f"{len(migration.revoked)} of {counted(len(old), 'old key')} revoked; still in use and active: {len(used)}"
    migration.tell(sentence, *migration.losing)


def delete(migration: Migration) -> None:
    """Delete the old service, without force first: it refuses as long as keys are active."""
    region, instance = migration.places.region, migration.instance
    try:
        deletion = region.delete(instance)
        migration.tell("the service is deleted without force: none of its keys is active any more")
    except StillActive as refused:
        migration.tell(f"the service refuses to be deleted: {refused}", *migration.losing)
        if not migration.losing:
            raise BrokenOff(f"the old service stays: {refused}") from refused
        if migration.is_careful:
            _make_good(migration)
            retire(migration)
        else:
            migration.tell("it is deleted all the same, by force", *migration.losing)
        deletion = region.delete(instance, force=not migration.is_careful)
    destroyed, deleted = counted(deletion.destroyed, "key"), counted(deletion.standard_keys_deleted, "standard key")
    migration.tell(f"{destroyed} destroyed, {deleted} deleted in Key Protect", *migration.losing)
    if not deletion.complete:
        raise BrokenOff(f"the service could not be deleted whole: {deletion.failures[0].why}")
    migration.old_is_gone = True


def _make_good(migration: Migration) -> None:
    """Start the hosts that were off and rekey them, with their clusters; re-encrypt the clones. All of it while the old keys are there."""
    vcenter, estate = migration.vcenter, migration.estate
    for host in migration.off:
        host.reboots()
        migration.made_good.append(f"{host.name} is started, and {host.cluster or 'it'} rekeyed while old and new keys can both be had")
    migration.each((item for item in estate.core_dumps if item.host in migration.off and not item.host.cluster), vcenter.keys_host)
    for cluster in estate.clusters:
        if any(host in migration.off for host in cluster.hosts):
            vcenter.keys_cluster(cluster)
    migration.each(estate.clones, vcenter.encrypts_machine)
    for clone in estate.clones:
        migration.made_good.append(f"{clone.name} is re-encrypted")


def reboot(migration: Migration) -> None:
    """Every host comes up with an empty memory; then every data key is opened, and what it decrypts is compared."""
    for host in migration.estate.hosts:
        host.reboots()
    for host in migration.off:
        migration.tell(f"{host.name} is on again", HOST_OFF)
    everything = list(migration.estate.encrypted())
    for number, item in enumerate(everything, 1):
        reason = _reason_for_loss(migration, item)
        if reason:
            migration.lost[item.name] = reason
        migration.watch.step(number, len(everything))
    lost = [item for item in everything if item.name in migration.lost]
    migration.tell_of(lost, lambda item: f"lost: {item.name}. {migration.lost[item.name]}")
    machines_lost = [item for item in lost if item.kind is Kind.MACHINE]
    if machines_lost:
        migration.tell(LOCKED, *migration.accidents_of(machines_lost[0]))
    opened = len(everything) - len(migration.lost)
    migration.tell(f"{opened} of {counted(len(everything), 'data key')} open through {NEW}, and what they decrypt is what was encrypted")


def _reason_for_loss(migration: Migration, item: Encrypted) -> str:
    try:
        return "" if migration.vcenter.opens(item) else "what it decrypts is not what was encrypted"
    except KeyRefused as refused:
        return str(refused)


STAGES = (
    Stage("encrypted", "The estate on the classic service", "observed", on_the_classic_service, tried=True),
    Stage("adapter", "A native adapter beside it", "reported", an_adapter_beside_it),
    Stage("trust", "Trust, with a new certificate", "observed", trust),
    Stage("default", "The new default provider", "reported", new_default),
    Stage("machines", "Virtual machines re-encrypted", "inferred", machines, tried=True),
    Stage("hosts", "Hosts rekeyed", "inferred", hosts),
    Stage("clusters", "vSAN clusters rekeyed", "inferred", clusters),
    Stage("verify", "What refers to the old provider", "reported", verify, measured=False),
    Stage("retire", "Old keys revoked", "inferred", retire),
    Stage("delete", "The old service deleted", "reported", delete, measured=False),
    Stage("reboot", "Every host rebooted, every data key opened", "reported", reboot, measured=False),
)
"""In order. ``measured``: behind the stage it is reckoned what a deletion of the old service would cost; ``tried``: and tried on a copy."""
