"""Objects that the server rotates by itself (KMIP 2.1, 4.48-4.54): when, what becomes of both ends, and what may come in between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from keyprotect_simulator.testing import running_simulator
from kmip_server.engine import Engine
from kmip_server.engine.rotation import MOST
from kmip_server.enums import (
    CryptographicAlgorithm,
    CryptographicUsageMask,
    KeyFormatType,
    LinkType,
    NameType,
    ObjectType,
    Operation,
    RecommendedCurve,
    ResultReason,
    ResultStatus,
    RotateNameType,
    State,
)
from kmip_server.errors import WrappingUnavailable
from kmip_server.messages import (
    AddAttributeRequest,
    ArchiveRequest,
    AttributeReference,
    Attributes,
    CertifyRequest,
    CreateKeyPairRequest,
    CreateRequest,
    CryptographicDomainParameters,
    DestroyRequest,
    GetAttributesRequest,
    GetRequest,
    ImportRequest,
    KeyBlock,
    KeyValue,
    Link,
    LocateRequest,
    ModifyAttributeRequest,
    Name,
    RecoverRequest,
    ReKeyRequest,
    RotateName,
    SymmetricKey,
)
from kmip_server.settings import KeyProtectSettings
from kmip_server.store.contract import LocateQuery
from kmip_server.versions import V1_4, V2_1
from kmip_server.wrapping.key_protect import KeyProtectWrapping

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kmip_server.directory.contract import Client
    from kmip_server.wrapping.contract import Envelope, KeyWrapping

REASON, MASK = ResultReason, CryptographicUsageMask
NOW, HOUR = 1_700_000_000, 3600
BOTH_ENDS = ("Rotate Generation", "Rotate Date", "Rotate Latest")


def rotating(lab: Any, interval: int = HOUR, offset: int | None = None) -> tuple[Any, ...]:
    """The attributes that have an object rotated every ``interval`` seconds."""
    given = {"Rotate Automatic": True, "Rotate Interval": interval, "Rotate Offset": offset}
    return tuple(lab.attr(name, value) for name, value in given.items() if value is not None)


@pytest.fixture
def lab(lab: Any) -> Any:
    lab.version = V2_1
    return lab


async def successor(lab: Any, unique_identifier: str) -> str | None:
    """The one thing that has taken the object's place; None: nothing."""
    asked = GetAttributesRequest(unique_identifier=unique_identifier, attribute_reference=(AttributeReference("Link"),))
    links = [one.attribute_value for one in (await lab.do(asked)).attributes.attribute]
    found = [one.linked_object_identifier for one in links if one.link_type is LinkType.REPLACEMENT_OBJECT_LINK]
    assert len(found) < 2
    return found[0] if found else None


async def named(lab: Any, text: str) -> list[str]:
    return list((await lab.do(LocateRequest(attributes=Attributes((lab.named(text),))))).unique_identifier)


async def everything(lab: Any) -> set[str]:
    return set((await lab.do(LocateRequest(attributes=Attributes()))).unique_identifier)


async def test_a_key_is_rotated_when_its_interval_is_over_and_not_before(lab: Any) -> None:
    name = RotateName("disks", RotateNameType.UNINTERPRETED_TEXT_STRING)
    first = await lab.key(lab.named("n"), lab.attr("Rotate Name", name), *rotating(lab))
    lab.now[0] += HOUR - 1
    assert await named(lab, "n") == [first]
    assert await lab.values(first, *BOTH_ENDS) == {}
    lab.now[0] += 1
    (second,) = await named(lab, "n")
    assert second != first
    assert await lab.values(first, *BOTH_ENDS, "Name") == {"Rotate Generation": 0, "Rotate Latest": False}
    assert await lab.values(second, *BOTH_ENDS) == dict(zip(BOTH_ENDS, (1, NOW + HOUR, True), strict=True))
    assert await lab.values(first, "Link") == {"Link": Link(LinkType.REPLACEMENT_OBJECT_LINK, second)}
    assert await lab.values(second, "Link") == {"Link": Link(LinkType.REPLACED_OBJECT_LINK, first)}
    kept = ("Rotate Automatic", "Rotate Interval", "Rotate Name")
    assert await lab.values(second, *kept) == await lab.values(first, *kept) == dict(zip(kept, (True, HOUR, name), strict=True))
    material = [
        (await lab.do(GetRequest(unique_identifier=one))).managed_object.key_block.key_value.key_material for one in (first, second)
    ]
    assert material[0] != material[1]
    assert len(material[1]) == 32
    (record,) = [one for one in lab.records if one.operation is Operation.RE_KEY]
    assert (record.client.name, record.unique_identifier, record.status) == ("alice", first, ResultStatus.SUCCESS)


async def test_generation_follows_generation(lab: Any) -> None:
    newest = await lab.key(lab.named("n"), *rotating(lab))
    for generation in range(1, 5):
        lab.now[0] += HOUR
        before, (newest,) = newest, await named(lab, "n")
        assert await successor(lab, before) == newest
        assert await lab.values(newest, *BOTH_ENDS) == dict(zip(BOTH_ENDS, (generation, NOW + generation * HOUR, True), strict=True))
        assert (await lab.values(before, "Rotate Latest", "Rotate Date")).get("Rotate Latest") is False
    assert len(await everything(lab)) == 5


async def test_the_server_does_it_without_being_asked(lab: Any) -> None:
    keys = {await lab.key(*rotating(lab)) for _ in range(3)} | {await lab.key(*rotating(lab), peer=lab.other)}
    lab.now[0] += HOUR
    await lab.engine.rotate()
    for _ in range(2):
        held = [len(lab.store.locate(peer.client.owner, LocateQuery())) for peer in (lab.peer, lab.other)]
        assert held == [6, 2]
        await lab.engine.rotate()
    assert all([await successor(lab, one) for one in keys & await everything(lab)])


async def test_what_was_missed_is_made_up_for_once(tmp_path: Path, make_lab: Callable[[Path], Any]) -> None:
    first_run = make_lab(tmp_path)
    key = await first_run.key(first_run.named("n"), *rotating(first_run), version=V2_1)
    first_run.close()
    lab = make_lab(tmp_path)
    lab.version, lab.now[0] = V2_1, NOW + 10 * HOUR + 5
    await lab.engine.rotate()
    assert len(await everything(lab)) == 2
    (newest,) = await named(lab, "n")
    assert await lab.values(newest, *BOTH_ENDS) == dict(zip(BOTH_ENDS, (1, NOW + 10 * HOUR + 5, True), strict=True))
    assert await successor(lab, key) == newest
    lab.now[0] += HOUR - 1
    assert await named(lab, "n") == [newest]
    lab.now[0] += 1
    assert await named(lab, "n") != [newest]
    lab.close()


async def test_of_two_processes_one_rotates(tmp_path: Path, make_lab: Callable[[Path], Any]) -> None:
    labs = [make_lab(tmp_path) for _ in range(2)]
    pair = await labs[0].do(_a_pair(labs[0], *rotating(labs[0])), version=V2_1)
    keys = [await labs[0].key(*rotating(labs[0]), version=V2_1) for _ in range(10)]
    for lab in labs:
        lab.version, lab.now[0] = V2_1, NOW + HOUR
    await asyncio.gather(*(lab.engine.rotate() for lab in labs))
    for lab in labs:
        assert len(await everything(lab)) == 2 * (len(keys) + 2)
        followers = {await successor(lab, one) for one in (*keys, pair.private_key_unique_identifier, pair.public_key_unique_identifier)}
        assert len(followers) == len(keys) + 2
        lab.close()


@pytest.mark.parametrize(("offset", "moved"), [(None, 0), (0, HOUR), (60, HOUR + 60)])
async def test_the_rotate_offset_is_the_offset_of_the_operation(lab: Any, offset: int | None, moved: int) -> None:
    dates = {"Activation Date": NOW, "Protect Stop Date": NOW + 2 * HOUR, "Deactivation Date": NOW + 3 * HOUR}
    key = await lab.key(lab.named("n"), *(lab.attr(*one) for one in dates.items()), *rotating(lab, offset=offset))
    lab.now[0] += HOUR
    (newest,) = await named(lab, "n")
    assert newest != key
    assert await lab.values(newest, *dates) == {name: date + moved for name, date in dates.items()}
    assert (await lab.values(newest, "State"))["State"] is (State.PRE_ACTIVE if offset else State.ACTIVE)


async def test_a_key_that_is_rekeyed_by_its_client_hands_the_rotation_on(lab: Any) -> None:
    first = await lab.key(*rotating(lab))
    lab.now[0] += HOUR // 2
    second = (await lab.do(ReKeyRequest(unique_identifier=first))).unique_identifier
    lab.now[0] += HOUR // 2
    assert await everything(lab) == {first, second}
    lab.now[0] += HOUR // 2
    assert len(await everything(lab)) == 3
    assert (await lab.values(await successor(lab, second), "Rotate Generation")) == {"Rotate Generation": 2}


def _a_pair(lab: Any, *common: Any, private: tuple[Any, ...] = (), public: tuple[Any, ...] = ()) -> CreateKeyPairRequest:
    curve = CryptographicDomainParameters(recommended_curve=RecommendedCurve.P_256)
    made = (lab.attr("Cryptographic Algorithm", CryptographicAlgorithm.EC), lab.attr("Cryptographic Domain Parameters", curve))
    return CreateKeyPairRequest(
        common_attributes=Attributes((*made, *common)),
        private_key_attributes=Attributes((lab.attr("Cryptographic Usage Mask", MASK.SIGN), *private)),
        public_key_attributes=Attributes((lab.attr("Cryptographic Usage Mask", MASK.VERIFY), *public)),
    )


@pytest.mark.parametrize("whose", ["both", "private", "public"])
async def test_a_pair_is_rotated_as_a_pair_and_keeps_its_formats(lab: Any, whose: str) -> None:
    forms = [(lab.attr("Key Format Type", form),) for form in (KeyFormatType.PKCS_8, KeyFormatType.X_509)]
    names = [(Name(text, NameType.UNINTERPRETED_TEXT_STRING),) for text in ("private", "public")]
    halves = [
        (lab.attr("Name", *name), *form, *(rotating(lab) if whose in ("both", half) else ()))
        for name, form, half in zip(names, forms, ("private", "public"), strict=True)
    ]
    pair = await lab.do(_a_pair(lab, private=halves[0], public=halves[1]))
    lab.now[0] += HOUR
    (private,), (public,) = await named(lab, "private"), await named(lab, "public")
    assert await successor(lab, pair.private_key_unique_identifier) == private
    assert await successor(lab, pair.public_key_unique_identifier) == public
    for half, old, form in (
        (private, pair.private_key_unique_identifier, KeyFormatType.PKCS_8),
        (public, pair.public_key_unique_identifier, KeyFormatType.X_509),
    ):
        assert await lab.values(half, *BOTH_ENDS, "Key Format Type") == {
            **dict(zip(BOTH_ENDS, (1, NOW + HOUR, True), strict=True)),
            "Key Format Type": form,
        }
        assert await lab.values(old, *BOTH_ENDS) == {"Rotate Generation": 0, "Rotate Latest": False}
    lab.now[0] += HOUR
    assert len(await everything(lab)) == 6


async def test_a_certificate_is_certified_again_for_the_same_key(lab: Any) -> None:
    pair = await lab.do(_a_pair(lab))
    asked = CertifyRequest(unique_identifier=pair.public_key_unique_identifier, attributes=Attributes((lab.named("c"), *rotating(lab))))
    first = (await lab.do(asked)).unique_identifier
    lab.now[0] += HOUR
    (second,) = await named(lab, "c")
    assert await successor(lab, first) == second
    assert await lab.values(second, *BOTH_ENDS) == dict(zip(BOTH_ENDS, (1, NOW + HOUR, True), strict=True))
    assert (await lab.values(pair.public_key_unique_identifier, "Link"))["Link"] == Link(LinkType.CERTIFICATE_LINK, second)


async def test_what_is_archived_or_destroyed_is_not_rotated(lab: Any) -> None:
    archived, destroyed = await lab.key(*rotating(lab)), await lab.key(*rotating(lab))
    await lab.do(ArchiveRequest(unique_identifier=archived))
    await lab.do(DestroyRequest(unique_identifier=destroyed))
    lab.now[0] += 3 * HOUR
    await lab.engine.rotate()
    assert await successor(lab, archived) is await successor(lab, destroyed) is None
    await lab.do(RecoverRequest(unique_identifier=archived))
    assert await successor(lab, archived) is not None


async def test_rotation_can_be_asked_for_later_and_is_due_at_once_then(lab: Any) -> None:
    key = await lab.key()
    lab.now[0] += 2 * HOUR
    for attribute in rotating(lab):
        assert await successor(lab, key) is None
        await lab.do(AddAttributeRequest(unique_identifier=key, new_attribute=Attributes((attribute,))))
    assert await successor(lab, key) is not None


async def test_a_client_sets_it_once(lab: Any) -> None:
    key = await lab.key(*rotating(lab, offset=0))
    for name, value in (("Rotate Automatic", False), ("Rotate Interval", 1), ("Rotate Offset", 1)):
        change = ModifyAttributeRequest(unique_identifier=key, new_attribute=Attributes((lab.attr(name, value),)))
        assert await lab.refused(change) is REASON.ATTRIBUTE_READ_ONLY
    for name, value in zip(BOTH_ENDS, (1, NOW, True), strict=True):
        assert await lab.refused(lab.create(lab.attr(name, value))) is REASON.ATTRIBUTE_READ_ONLY


async def test_what_cannot_be_rotated_is_refused(lab: Any) -> None:
    secret = CreateRequest(
        object_type=ObjectType.SECRET_DATA,
        attributes=Attributes(
            (lab.attr("Cryptographic Length", 256), lab.attr("Cryptographic Usage Mask", MASK.DERIVE_KEY), *rotating(lab)),
        ),
    )
    assert await lab.refused(secret) is REASON.FEATURE_NOT_SUPPORTED
    assert await lab.refused(lab.create(*rotating(lab, interval=0))) is REASON.INVALID_ATTRIBUTE_VALUE
    key = await lab.key(lab.attr("Rotate Automatic", True))
    endless = AddAttributeRequest(unique_identifier=key, new_attribute=Attributes((lab.attr("Rotate Interval", 0),)))
    assert await lab.refused(endless) is REASON.INVALID_ATTRIBUTE_VALUE


class Fickle:
    """A keeper of the root keys that can be away; everything else is the wrapping behind it."""

    def __init__(self, behind: KeyWrapping) -> None:
        self._behind = behind
        self.away = False
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    async def wrap(self, client: Client, unique_identifier: str, plaintext: bytes) -> Envelope:
        self.asked += 1
        if self.away:
            raise WrappingUnavailable(REASON.CRYPTOGRAPHIC_FAILURE, "the keeper of the root keys is away")
        return await self._behind.wrap(client, unique_identifier, plaintext)


@pytest.fixture
def fickle(lab: Any) -> Fickle:
    wrapping = Fickle(lab.services["wrapping"])
    lab.engine = Engine(**{**lab.services, "wrapping": wrapping})
    return wrapping


async def test_a_root_key_that_is_away_delays_the_rotation_and_loses_none(lab: Any, fickle: Fickle) -> None:
    keys = [await lab.key(*rotating(lab)) for _ in range(5)]
    fickle.away = True
    lab.now[0] += HOUR
    fickle.asked = 0
    await lab.engine.rotate()
    assert fickle.asked == 1  # and not once for each key
    for _ in range(3):
        assert await successor(lab, keys[0]) is None
    assert fickle.asked == 1  # no request waits for it
    fickle.away = False
    await lab.engine.rotate()
    assert await everything(lab) == set(keys)
    lab.now[0] += 15
    await lab.engine.rotate()
    assert None not in {await successor(lab, key) for key in keys}
    assert len(await everything(lab)) == 10


async def test_what_cannot_be_rotated_holds_up_nothing_else(lab: Any) -> None:
    others = [await lab.key(*rotating(lab)) for _ in range(3)]
    without_activation = (lab.attr("Deactivation Date", NOW + 9 * HOUR), *rotating(lab, offset=0))  # nothing to move that date from
    hopeless, *more = [await lab.key(*without_activation) for _ in range(MOST + 1)]
    lab.now[0] += HOUR
    await lab.engine.rotate()
    await lab.engine.rotate()
    assert None not in {await successor(lab, key) for key in others}
    assert await successor(lab, hopeless) is None
    failures = [one for one in lab.records if one.operation is Operation.RE_KEY and one.status is ResultStatus.OPERATION_FAILED]
    assert {(one.unique_identifier, one.reason) for one in failures} == {(one, REASON.INVALID_FIELD) for one in (hopeless, *more)}
    assert len(failures) == MOST + 1
    await lab.do(AddAttributeRequest(unique_identifier=hopeless, new_attribute=Attributes((lab.attr("Activation Date", NOW + 8 * HOUR),))))
    lab.now[0] += 15
    await lab.engine.rotate()
    await lab.engine.rotate()
    assert await successor(lab, hopeless) is not None


async def test_an_older_client_sees_the_name_move(lab: Any) -> None:
    first = await lab.key(lab.named("n"), *rotating(lab))
    lab.now[0] += HOUR
    (found,) = (await lab.do(LocateRequest(attribute=(lab.named("n"),)), version=V1_4)).unique_identifier
    assert found != first


async def test_it_takes_turns_until_it_is_closed(lab: Any) -> None:
    key = await lab.key(*rotating(lab))
    engine, rotated = Engine(**lab.services, rotation_seconds=0.01), asyncio.Event()
    stop = lab.store.watch(lab.peer.client.owner, lambda _, after: rotated.set() if after.unique_identifier == key else None)
    engine.resume()
    lab.now[0] += HOUR
    await asyncio.wait_for(rotated.wait(), 20)
    stop()
    await engine.aclose()
    assert len(lab.store.locate(lab.peer.client.owner, LocateQuery())) == 2
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_dates_at_the_end_of_time_are_no_defect(lab: Any, caplog: pytest.LogCaptureFixture) -> None:
    end = 2**63 - 1
    block = KeyBlock(KeyFormatType.RAW, None, KeyValue(bytes(16)), CryptographicAlgorithm.AES, 128)
    late = (lab.attr("Cryptographic Usage Mask", MASK.ENCRYPT), lab.attr("Initial Date", end - 1), *rotating(lab))
    imported = ImportRequest(
        unique_identifier="late", object_type=ObjectType.SYMMETRIC_KEY, managed_object=SymmetricKey(block), attributes=Attributes(late)
    )
    await lab.do(imported)
    dates = (lab.attr("Activation Date", NOW), lab.attr("Deactivation Date", end))
    key = await lab.key(*dates, *rotating(lab, offset=5))
    lab.now[0] += HOUR
    await lab.engine.rotate()
    assert await successor(lab, "late") is await successor(lab, key) is None
    assert [one.status for one in lab.records if one.operation is Operation.RE_KEY] == [ResultStatus.OPERATION_FAILED]
    assert await lab.refused(ReKeyRequest(unique_identifier=key, offset=5)) is REASON.INVALID_ATTRIBUTE_VALUE
    assert not caplog.records


class Stumbling:
    """A directory that fails once when it is asked for its clients."""

    def __init__(self, behind: Any) -> None:
        self._behind = behind
        self.stumbled = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    def clients(self) -> Any:
        if not self.stumbled:
            self.stumbled = True
            raise LookupError("on purpose")
        return self._behind.clients()


async def test_a_turn_that_fails_is_followed_by_another(lab: Any) -> None:
    await lab.key(*rotating(lab))
    directory, rotated = Stumbling(lab.directory), asyncio.Event()
    lab.now[0] += HOUR
    engine = Engine(**{**lab.services, "directory": directory}, rotation_seconds=0.01)
    stop = lab.store.watch(lab.peer.client.owner, lambda *_: rotated.set())
    engine.resume()
    await asyncio.wait_for(rotated.wait(), 20)
    stop()
    await engine.aclose()
    assert directory.stumbled


async def test_key_protect_wraps_what_comes_of_a_rotation(lab: Any) -> None:
    with running_simulator() as simulator:
        ids = simulator.lab
        settings = KeyProtectSettings(simulator.url, simulator.iam_url, ids.instance_id, ids.crk_id, ids.api_key, cache_seconds=0.0)
        wrapping = KeyProtectWrapping(settings, adopt=lambda *_: None, observe=lambda *_: None)
        lab.engine = Engine(**{**lab.services, "wrapping": wrapping})
        key = await lab.key(lab.named("n"), *rotating(lab))
        simulator.disable_key()
        lab.now[0] += HOUR
        await lab.engine.rotate()
        assert await named(lab, "n") == [key]
        assert lab.records[-2].reason is REASON.PERMISSION_DENIED
        simulator.enable_key()
        lab.now[0] += 15
        await lab.engine.rotate()
        (newest,) = await named(lab, "n")
        assert await successor(lab, key) == newest
        envelopes = [lab.store.get(lab.peer.client.owner, one).envelope for one in (key, newest)]
        assert {(one.provider, one.key_id) for one in envelopes} == {("key_protect", ids.crk_id)}
        block = (await lab.do(GetRequest(unique_identifier=newest))).managed_object.key_block
        assert len(block.key_value.key_material) == 32
        await wrapping.aclose()
