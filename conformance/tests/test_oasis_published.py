"""The published cases themselves, if they are at hand: every file is read, and what is known to be wrong with some is still so.

The folder is named by KMIPLAB_OASIS, or lies as ``../shared/oasis`` beside the checkout. OASIS publishes the cases at
docs.oasis-open.org/kmip, with the Profiles and the Test Cases documents; they are not part of this project.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from kmip_conformance.oasis.catalogue import Published, catalogue_of, published_cases
from kmip_conformance.oasis.files import FAULTS, FOLLOWS, MEANT, RECORDED, SOLITARY, UNTIL, WRONG, bare, group_title

VARIABLE = "KMIPLAB_OASIS"
BESIDE = Path(__file__).parents[3] / "shared" / "oasis"


@pytest.fixture(scope="module")
def published() -> tuple[Published, ...]:
    folder = Path(os.environ[VARIABLE]) if VARIABLE in os.environ else BESIDE
    if not folder.is_dir():
        pytest.skip(f"the published cases are not here: get them at docs.oasis-open.org/kmip, and name their folder in {VARIABLE}")
    return published_cases(folder)


def test_every_file_is_read(published: tuple[Published, ...]) -> None:
    unread = [case.fault for case in published if case.case is None]

    assert unread == []
    assert len(catalogue_of(published)) == len(published)


def test_every_request_of_a_case_has_its_answer(published: tuple[Published, ...]) -> None:
    cases = [case.case for case in published if case.case]

    assert [case.id for case in cases if 2 * len(case.steps) != len(case.messages)] == []


def test_every_case_has_a_title(published: tuple[Published, ...]) -> None:
    assert {
        case.file.name for case in published if group_title(case.file.name) == "Test case" and not case.file.name.startswith("TC-")
    } == set()


def test_the_tables_of_files_speak_of_files_that_are_there(published: tuple[Published, ...]) -> None:
    documents = {case.file.document for case in published}
    ids, names = {case.file.id for case in published}, {bare(case.file.name) for case in published}
    spoken_of = {*FAULTS, *RECORDED, *(row[0] for row in (*WRONG, *UNTIL, *MEANT))}

    assert {case_id for case_id in spoken_of if ".".join(case_id.split(".")[1:3]) in documents} <= ids
    assert {row[0] for row in (*WRONG, *UNTIL, *MEANT)} | RECORDED <= set(FAULTS), "what is put right is named in the result"
    if documents >= {"1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1"}:
        assert {*FOLLOWS, *SOLITARY, *(name for earlier in FOLLOWS.values() for name in earlier)} <= names
