"""Delete the old service, on a copy of everything that it has, and find out which data keys still open.

The copy is the service's state folder, endpoints of its own over it, and a second Key Protect with the whole state of the first: deleting a
service destroys its keys there too. Hosts' memories are taken for empty, as after a reboot. Nothing of the original is touched.
"""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from keyprotect_simulator.testing import RunningSimulator, running_simulator
from kmip_conformance.client import Target

from kmiplab.lab_client import directory_of
from kmiplab.rehearsal.migration import OLD
from kmiplab.rehearsal.places import CLASSIC
from kmiplab.rehearsal.provider import KeyProvider, KeyRefused, Traffic
from kmiplab.service import running_region

if TYPE_CHECKING:
    from kmiplab.rehearsal.migration import Migration
    from kmiplab.rehearsal.sealing import KeyRef

AT_A_TIME = 4
"""Keys that are tried at the same time."""

_OF_THE_RUNNING = frozenset({"endpoints.json", "service.lock"})


def open_after_a_deletion(migration: Migration) -> int:
    """How many data keys of the estate open when the copy was deleted, by force, and every host has rebooted."""
    places = migration.places
    with TemporaryDirectory(prefix="trial-", dir=places.folder) as folder, running_simulator() as simulator:
        simulator.restore(places.key_protect.export())
        copy_state(places.folder / CLASSIC, Path(folder) / CLASSIC)
        _point_at(Path(folder) / CLASSIC, simulator)
        with running_region(Path(folder) / CLASSIC) as running:
            running.region.delete(migration.instance, force=True)
            endpoints = [Target(host, port, ca=running.ca) for host, port in running.endpoints]
            return _opened(migration, endpoints)


def copy_state(source: Path, target: Path) -> None:
    """Copy a state folder that is in use: databases as a whole, the other files as they are."""
    target.mkdir(mode=0o700)
    for file in source.iterdir():
        if file.suffix == ".db":
            with closing(sqlite3.connect(file)) as original, closing(sqlite3.connect(target / file.name)) as copy:
                original.backup(copy)
        elif file.is_file() and file.name not in _OF_THE_RUNNING and not file.name.endswith(("-wal", "-shm")):
            shutil.copy2(file, target / file.name)


def _point_at(state_dir: Path, simulator: RunningSimulator) -> None:
    """Have the copy keep its keys in the copy of Key Protect."""
    with directory_of(state_dir) as directory:
        for keeper in directory.keepers():
            directory.put_keeper(replace(keeper, url=simulator.url, iam_url=simulator.iam_url))


def _opened(migration: Migration, endpoints: list[Target]) -> int:
    old = migration.vcenter.providers[OLD]
    identity = old.endpoints[0]
    copied = KeyProvider(OLD, [replace(one, cert=identity.cert, key=identity.key) for one in endpoints], Traffic())

    def fetched(key: KeyRef) -> bytes | None:
        try:
            if key.provider != OLD:
                return migration.vcenter.fetches(key)
            with copied.line() as line:
                return line.take_into_use(key.key_id)
        except KeyRefused:
            return None

    items = [item for item in migration.estate.encrypted() if item.sealed is not None]
    keys = list({item.key: None for item in items})
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        material = dict(zip(keys, pool.map(fetched, keys), strict=True))
    return sum(1 for item in items if item.sealed and (kek := material[item.key]) is not None and item.sealed.opens_with(kek))
