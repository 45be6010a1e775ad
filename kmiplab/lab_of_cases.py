"""The clients that OASIS's published test cases speak as, in a lab of one's own.

Client-A is one that acts for others, for some cases present the credentials of users and devices; those are clients of their own, and
share its objects unless a case expects that they are denied them. Client-B and Client-C are further certificates of it. One more client
is told of its objects by Put and Notify, which the cases need that the server leads: in place of Client-A it plays those. Of the cases that
show different treatments of an RNG Seed, each is played by a client that is treated so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_server.directory import pki
from kmip_server.directory.contract import Seeding
from kmip_server.state_folder import own_authority

from kmiplab.lab_client import CLIENT, directory_of

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_server.directory.sqlite import SqliteDirectory

NAME = "oasis"
LETTERS = ("A", "B", "C")
SEEDING = {"CS-RNG-O-1": Seeding.USED, "CS-RNG-O-2": Seeding.PARTLY, "CS-RNG-O-4": Seeding.REFUSED}
"""The cases that show another treatment of RNG Seed than the usual one."""
PUSHED, PUSHED_LETTER = f"{NAME}-pushed", "P"
"""The client whom the lab is told to push to, and its letter, which no published case has."""


def clients_of_cases(state_dir: Path, cases: Path) -> dict[str, tuple[Path, Path]]:
    """Register the clients of the cases in a folder; the certificate and key of each that has one, by its letter."""
    from kmip_conformance.oasis.catalogue import published_cases
    from kmip_conformance.oasis.logins import logins_in

    with directory_of(state_dir) as directory:
        lab = directory.client(CLIENT)
        assert lab is not None  # the lab is running
        client = directory.add_client(NAME, adapter_id=lab.adapter_id, crk_id=lab.crk_id, acts_for_others=True)
        files = {letter: _certificate(directory, state_dir, client.id, letter) for letter in LETTERS}
        pushed = directory.add_client(PUSHED, adapter_id=lab.adapter_id, crk_id=lab.crk_id)
        files[PUSHED_LETTER] = _certificate(directory, state_dir, pushed.id, PUSHED_LETTER)
        for case, seeding in SEEDING.items():
            seeder = directory.add_client(f"{NAME}-{case}", crk_id=lab.crk_id, seeding=seeding)
            files[case] = _certificate(directory, state_dir, seeder.id, case)
        for number, login in enumerate(logins_in(case.case for case in published_cases(cases.absolute()) if case.case)):
            other = directory.add_client(
                f"{NAME}-{number}",
                crk_id=lab.crk_id,
                username=login.username or None,
                password=login.password if login.username else None,
                shares_with=client.id if login.shares else None,
            )
            if login.device:
                fields = {name.lower().replace(" ", "_"): value for name, value in login.device}
                directory.credentials.add_device(other.id, fields, login.password)
    return files


def _certificate(directory: SqliteDirectory, state_dir: Path, client_id: str, letter: str) -> tuple[Path, Path]:
    name = f"{NAME}-{letter.lower()}"
    files = state_dir / f"{name}.pem", state_dir / f"{name}.key"
    made = pki.create_client_certificate(own_authority(state_dir), name)
    made.write(*files)
    directory.add_certificate(client_id, made.certificate_pem.decode("ascii"))
    return files
