"""Which checks a run judges: patterns, profiles and versions; and that a selection which leaves nothing is an error."""

from __future__ import annotations

import pytest
from judging import a_check
from kmip_conformance.judge.catalogue import JUDGED, Catalogue
from kmip_conformance.judge.errors import AuthoringError, NothingSelected
from kmip_conformance.judge.selection import Selection, plan, split_patterns
from kmip_conformance.tables import V1_0, V1_1, V1_4, V2_1
from kmip_reports.records import Level


def catalogue() -> Catalogue:
    made = Catalogue()
    made.add(a_check("destroy.active-object-refused", aliases=("destroy.old-name",)))
    made.add(a_check("destroy.twice", since=V1_1, level=Level.SHOULD))
    made.add(a_check("get.returns-the-key"))
    made.add(a_check("vmware.vcenter-7.0.3.encrypts-a-vm", profiles=("vcenter",)))
    made.add(a_check("ttlv.cut-short", hostile=True))
    return made


def ids(selection: Selection) -> list[str]:
    return [assignment.check.id for assignment in plan(catalogue(), selection, JUDGED)]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["get.returns-the-key"], ["get.returns-the-key"]),
        (["destroy"], ["destroy.active-object-refused", "destroy.twice"]),
        (["destroy.*refused"], ["destroy.active-object-refused"]),
        (["*key*"], ["get.returns-the-key"]),
        (["vmware.vcenter-7.0.3"], ["vmware.vcenter-7.0.3.encrypts-a-vm"]),
        (["destroy.old-name"], ["destroy.active-object-refused"]),
        (["should"], ["destroy.twice"]),
        (["hostile,get"], ["get.returns-the-key", "ttlv.cut-short"]),
        (["destroy", "!destroy.twice"], ["destroy.active-object-refused"]),
        (["!destroy,!ttlv", "!vcenter"], ["get.returns-the-key"]),
    ],
)
def test_patterns_choose_checks(patterns: list[str], expected: list[str]) -> None:
    assert ids(Selection(split_patterns(patterns))) == expected


def test_without_patterns_everything_is_chosen() -> None:
    assert len(ids(Selection())) == 5


def test_a_pattern_that_names_nothing_is_an_error_with_what_may_have_been_meant() -> None:
    with pytest.raises(NothingSelected, match="destory") as refusal:
        ids(Selection(("destory.twice",)))

    assert "destroy.twice" in refusal.value.hint
    assert refusal.value.exit_code == 5


def test_patterns_that_cancel_each_other_are_an_error() -> None:
    with pytest.raises(NothingSelected):
        ids(Selection(("get", "!get")))


def test_a_claimed_profile_leaves_out_the_checks_of_other_profiles_only() -> None:
    assert "vmware.vcenter-7.0.3.encrypts-a-vm" not in ids(Selection(profiles=("baseline",)))
    assert "vmware.vcenter-7.0.3.encrypts-a-vm" in ids(Selection(profiles=("vcenter",)))
    assert "get.returns-the-key" in ids(Selection(profiles=("baseline",)))


def test_a_check_runs_under_the_versions_that_are_offered_asked_for_and_have_the_rule() -> None:
    (assignment,) = plan(catalogue(), Selection(("destroy.twice",), kmip_versions=(V1_0, V1_1, V1_4)), (V1_0, V1_1, V1_4, V2_1))

    assert assignment.versions == (V1_1, V1_4)


def test_a_check_that_runs_once_runs_under_the_newest_version_that_is_left() -> None:
    made = Catalogue()
    made.add(a_check("ttlv.too-deep", once=True))

    assert [assignment.versions for assignment in plan(made, Selection(), JUDGED)] == [(V2_1,)]
    assert [assignment.versions for assignment in plan(made, Selection(kmip_versions=(V1_0, V1_1)), JUDGED)] == [(V1_1,)]


def test_a_version_that_the_target_does_not_offer_leaves_nothing() -> None:
    with pytest.raises(NothingSelected, match=r"does not offer KMIP 1\.0"):
        plan(catalogue(), Selection(kmip_versions=(V1_0,)), (V1_4,))


@pytest.mark.parametrize("taken", ["destroy.twice", "destroy.old-name"])
def test_an_id_is_never_given_twice_not_even_one_that_is_an_alias(taken: str) -> None:
    made = catalogue()

    with pytest.raises(AuthoringError, match="is taken"):
        made.add(a_check(taken))
