"""A vCenter with its key providers and hosts: what it does when data are encrypted, re-encrypted, and read again.

Keys go vCenter -> host for virtual machines and for hosts' own core dumps; the hosts of a vSAN cluster fetch both of the cluster's keys
themselves, all at once, with vCenter's certificate. A host that has a key in its memory asks nobody.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING

from kmiplab.rehearsal.estate import Kind
from kmiplab.rehearsal.provider import KeyRefused
from kmiplab.rehearsal.sealing import KeyRef, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kmiplab.rehearsal.estate import Cluster, Encrypted, Estate, Host
    from kmiplab.rehearsal.provider import KeyProvider, Line


class VCenter:
    """The vCenter of an estate. ``default`` is the provider that new keys come from, ``made`` all that came."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.providers: dict[str, KeyProvider] = {}
        self.default = ""
        self.made: list[KeyRef] = []

    @property
    def new_keys_from(self) -> KeyProvider:
        """The default provider."""
        return self.providers[self.default]

    # Trust and health

    def establishes_trust(self, provider: KeyProvider) -> None:
        """First contact: handshakes, Discover Versions with and without an id, Query once, a status refresh. Raises `NotTrusted`."""
        provider.shake_hands()
        with provider.line() as line:
            line.discover(with_id=True)
        with provider.line() as line:
            line.query()
        self.checks_health(provider)
        self.providers[provider.name] = provider

    def checks_health(self, provider: KeyProvider) -> None:
        """What the five-minute timer does. Raises `NotTrusted`."""
        provider.shake_hands()
        with provider.line() as line:
            line.discover(with_id=True)

    # Keys

    def makes_key(self) -> KeyRef:
        """Create, alone on its connection, at the default provider."""
        with self.new_keys_from.line() as line:
            key = KeyRef(self.default, line.create())
        self.made.append(key)
        return key

    def fetches(self, key: KeyRef, *, first: int = 0) -> bytes:
        """Get a key from the provider it is of. Raises `KeyRefused`."""
        provider = self.providers.get(key.provider)
        if provider is None:
            raise KeyRefused(f"{key.provider}: there is no key provider of that name any more")
        with provider.line(first) as line:
            return line.take_into_use(key.key_id)

    def gives(self, item: Encrypted, key: KeyRef) -> bytes:
        """The key for an item's host: out of the host's memory, else fetched and put there. Raises `KeyRefused`.

        vCenter fetches it for the host; a vSAN host fetches the keys of its cluster itself, at another endpoint if there is one.
        """
        host = item.host
        if key in host.memory:
            return host.memory[key]
        asks_itself = host.cluster is not None and item.kind is not Kind.MACHINE
        material = self.fetches(key, first=1 if asks_itself else 0)
        if item.is_on:
            host.memory[key] = material
        return material

    def opens(self, item: Encrypted) -> bool:
        """Read an item's data on its host. Raises `KeyRefused` when the key cannot be had."""
        assert item.sealed is not None
        return item.sealed.opens_with(self.gives(item, item.key))

    # Virtual machines and hosts

    def encrypts(self, item: Encrypted, tag: Callable[[Line, str], None]) -> None:
        """Encrypt something that is in the clear, or wrap its data key anew by a new key; the same traffic either way.

        The old key comes from the host's memory or from the provider that it is of. Raises `KeyRefused`: then nothing has changed.
        """
        before = None if item.sealed is None else self.gives(item, item.key)
        key = self.makes_key()
        kek, _ = at_once(lambda: self.gives(item, key), lambda: self._on_a_line(lambda line: line.tag_product(key.key_id)))
        assert isinstance(kek, bytes)
        self._seals(item, before, key, kek)
        self._on_a_line(lambda line: tag(line, key.key_id))

    def _seals(self, item: Encrypted, before: bytes | None, key: KeyRef, kek: bytes) -> None:
        if before is None or item.sealed is None:
            item.sealed = seal(self.estate.data_of(item), key, kek)
        else:
            item.sealed = item.sealed.rewrapped(before, key, kek)

    def encrypts_machine(self, machine: Encrypted) -> None:
        """Encrypt a virtual machine, or re-encrypt it shallowly. Raises `KeyRefused`."""
        self.encrypts(machine, lambda line, key_id: line.tag_machine(key_id, machine))

    def keys_host(self, dumps: Encrypted) -> None:
        """Give a host its host key, or a new one. Raises `KeyRefused`."""
        self.encrypts(dumps, lambda line, key_id: line.tag_host(key_id, dumps.host))

    # vSAN

    def keys_cluster(self, cluster: Cluster) -> list[Host]:
        """Give a cluster its two keys, or new ones: every host that is on fetches both, and wraps what it has anew.

        One host comes first and activates them, the others follow all at once: who finds a key Active does not activate it again.
        Returns the hosts that were off: they go on needing the former keys. Raises `KeyRefused`.
        """
        keys = self.makes_key(), self.makes_key()
        for key in keys:
            self._on_a_line(methodcaller("tag_product", key.key_id))
        on = [host for host in cluster.hosts if host.is_on]
        for host in on[:1]:
            self._host_takes(cluster, host, keys)
        at_once(*(partial(self._host_takes, cluster, host, keys) for host in on[1:]))
        return [host for host in cluster.hosts if not host.is_on]

    def _host_takes(self, cluster: Cluster, host: Host, keys: tuple[KeyRef, KeyRef]) -> None:
        kek, host_key = keys
        for item in self.estate.of_cluster(cluster):
            if item.host is host:
                key = host_key if item in self.estate.core_dumps else kek
                before = None if item.sealed is None else self.gives(item, item.key)
                self._seals(item, before, key, self.gives(item, key))

    def _on_a_line(self, act: Callable[[Line], object]) -> None:
        with self.new_keys_from.line() as line:
            act(line)


def at_once(*acts: Callable[[], object]) -> Sequence[object]:
    """Do several things at the same time; their results in order. Raises what the first that failed raised."""
    if not acts:
        return []
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]
