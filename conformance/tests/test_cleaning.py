"""What a check leaves behind is taken away: what is active is revoked first, what is archived recovered; what stays is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import fakes
import pytest
from kmip_conformance.certificates import Authority
from kmip_conformance.judge.cleaning import Cleaner
from kmip_conformance.judge.conversation import Manners
from kmip_conformance.tables import V1_4, Operation, ResultReason

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_conformance.wire import Item, RequestBatchItem


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


class Holds(fakes.Fake):
    """Holds one object, and refuses to destroy it until it was freed by an operation."""

    def __init__(self, reason: ResultReason, freed_by: Operation | None) -> None:
        super().__init__()
        self.reason, self.freed_by = reason, freed_by

    def item(self, item: RequestBatchItem) -> Item:
        is_free = self.freed_by in self.heard
        if item.operation == Operation.DESTROY and not is_free:
            return fakes.failure(item, self.reason)
        return fakes.success(item)


def cleaned(fake: fakes.Fake, authority: Authority) -> list[str]:
    with fakes.running(fake, authority) as target:
        cleaner = Cleaner(Manners(timeout=5))
        try:
            return cleaner.clean_up(target, V1_4, ["1"])
        finally:
            cleaner.close()


def test_what_is_active_is_revoked_and_destroyed(authority: Authority) -> None:
    fake = Holds(ResultReason.PERMISSION_DENIED, Operation.REVOKE)
    assert cleaned(fake, authority) == []
    assert fake.heard == [Operation.DESTROY, Operation.REVOKE, Operation.DESTROY]


def test_what_is_archived_is_recovered_and_destroyed(authority: Authority) -> None:
    fake = Holds(ResultReason.OBJECT_ARCHIVED, Operation.RECOVER)
    assert cleaned(fake, authority) == []
    assert fake.heard == [Operation.DESTROY, Operation.RECOVER, Operation.DESTROY]


def test_what_is_gone_already_needs_nothing(authority: Authority) -> None:
    fake = Holds(ResultReason.OBJECT_DESTROYED, None)
    assert cleaned(fake, authority) == []
    assert fake.heard == [Operation.DESTROY]


def test_what_stays_is_said(authority: Authority) -> None:
    assert cleaned(Holds(ResultReason.PERMISSION_DENIED, None), authority) == ["the object 1 could not be destroyed again"]
