"""Wrapping by Key Protect: against the simulator, and against a stub that misbehaves on purpose."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from keyprotect_simulator.disturbances import Disturbance
from keyprotect_simulator.testing import RunningSimulator, running_simulator
from kmip_server.directory.contract import Client
from kmip_server.enums import ResultReason
from kmip_server.errors import ConfigurationError, KmipFailure, WrappingUnavailable
from kmip_server.settings import KeyProtectSettings
from kmip_server.wrapping.contract import Envelope
from kmip_server.wrapping.key_protect import KeyProtectWrapping

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

CLIENT = Client("alice-id", "alice")
SECRET = bytes(range(32))


@dataclass
class Seen:
    """What the wrapping told: calls by name and outcome, and newer envelopes."""

    calls: Counter[str] = field(default_factory=Counter)
    adopted: list[tuple[str, Envelope, Envelope]] = field(default_factory=list)

    def observe(self, call: str, outcome: str, seconds: float) -> None:
        self.calls[f"{call} {outcome}"] += 1

    def adopt(self, client: Client, unique_identifier: str, old: Envelope, new: Envelope) -> None:
        self.adopted.append((unique_identifier, old, new))


@asynccontextmanager
async def wrapping_by(settings: KeyProtectSettings) -> AsyncIterator[tuple[KeyProtectWrapping, Seen]]:
    seen = Seen()
    wrapping = KeyProtectWrapping(settings, adopt=seen.adopt, observe=seen.observe)
    try:
        yield wrapping, seen
    finally:
        await wrapping.aclose()


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


def settings_for(simulator: RunningSimulator, **changes: object) -> KeyProtectSettings:
    lab = simulator.lab
    fields = {
        "url": simulator.url,
        "iam_url": simulator.iam_url,
        "instance_id": lab.instance_id,
        "crk_id": lab.crk_id,
        "api_key": lab.api_key,
        "cache_seconds": 0.0,
        **changes,
    }
    return KeyProtectSettings(**fields)  # type: ignore[arg-type]


async def test_what_was_wrapped_is_unwrapped(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator)) as (wrapping, seen):
        assert await wrapping.verify() is None
        envelope = await wrapping.wrap(CLIENT, "one", SECRET)
        assert (envelope.provider, envelope.key_id) == ("key_protect", simulator.lab.crk_id)
        assert SECRET not in envelope.ciphertext
        assert base64.b64encode(SECRET) not in envelope.ciphertext
        assert await wrapping.unwrap(CLIENT, "one", Envelope.from_json(envelope.to_json())) == SECRET
        assert seen.calls["token ok"] == 1
        assert seen.adopted == []


async def test_an_envelope_belongs_to_its_object(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator)) as (wrapping, _):
        envelope = await wrapping.wrap(CLIENT, "one", SECRET)
        with pytest.raises(KmipFailure) as caught:
            await wrapping.unwrap(CLIENT, "another", envelope)
        assert caught.value.reason is ResultReason.CRYPTOGRAPHIC_FAILURE


async def test_keys_are_cached_for_a_bounded_time_and_only_there(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator, cache_seconds=0.3)) as (wrapping, seen):
        envelope = await wrapping.wrap(CLIENT, "one", SECRET)
        assert wrapping.cached("one", envelope) == SECRET
        assert wrapping.cached("another", envelope) is None
        assert await wrapping.unwrap(CLIENT, "one", envelope) == SECRET
        assert seen.calls["unwrap ok"] == 0
        simulator.disable_key()
        await asyncio.sleep(0.4)
        assert wrapping.cached("one", envelope) is None
        assert len(wrapping._cache) == 0
        with pytest.raises(WrappingUnavailable, match="not active"):
            await wrapping.unwrap(CLIENT, "one", envelope)


async def test_a_destroyed_objects_key_is_forgotten(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator, cache_seconds=60.0)) as (wrapping, _):
        envelope = await wrapping.wrap(CLIENT, "one", SECRET)
        wrapping.forget("one")
        assert wrapping.cached("one", envelope) is None


async def test_a_refused_root_key_shuts_what_it_wraps_at_once(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator, cache_seconds=60.0)) as (wrapping, _):
        envelope = await wrapping.wrap(CLIENT, "one", SECRET)
        simulator.disable_key()
        with pytest.raises(WrappingUnavailable):
            await wrapping.wrap(CLIENT, "two", SECRET)
        assert wrapping.cached("one", envelope) is None


async def test_who_asks_at_the_same_time_shares_one_call(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator)) as (wrapping, seen):
        envelope = await wrapping.wrap(CLIENT, "one", SECRET)
        assert await asyncio.gather(*(wrapping.unwrap(CLIENT, "one", envelope) for _ in range(50))) == [SECRET] * 50
        assert seen.calls["unwrap ok"] == 1


async def test_rotation_is_followed(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator)) as (wrapping, seen):
        old = await wrapping.wrap(CLIENT, "one", SECRET)
        simulator.rotate_key()
        assert await wrapping.unwrap(CLIENT, "one", old) == SECRET
        [(identifier, replaced, new)] = seen.adopted
        assert (identifier, replaced) == ("one", old)
        assert new.key_version != old.key_version
        assert await wrapping.unwrap(CLIENT, "one", new) == SECRET
        assert len(seen.adopted) == 1


async def test_a_client_may_have_a_root_key_of_its_own(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator)) as (wrapping, _):
        with pytest.raises(WrappingUnavailable, match="does not exist"):
            await wrapping.wrap(Client("bob-id", "bob", crk_id="11111111-2222-4333-8444-555555555555"), "one", SECRET)


REFUSALS: dict[str, tuple[Callable[[RunningSimulator], None], ResultReason, str]] = {
    "disabled": (lambda simulator: simulator.disable_key(), ResultReason.PERMISSION_DENIED, "not active"),
    "deleted": (lambda simulator: simulator.delete_key(), ResultReason.CRYPTOGRAPHIC_FAILURE, "deleted"),
    "withdrawn rights": (
        lambda simulator: simulator.set_roles(simulator.lab.service_id),
        ResultReason.PERMISSION_DENIED,
        "no right to use the root key",
    ),
}


@pytest.mark.parametrize(("change", "reason", "words"), REFUSALS.values(), ids=REFUSALS)
async def test_what_shuts_the_keys_is_said_in_words(
    simulator: RunningSimulator, change: Callable[[RunningSimulator], None], reason: ResultReason, words: str
) -> None:
    async with wrapping_by(settings_for(simulator)) as (wrapping, _):
        envelope = await wrapping.wrap(CLIENT, "one", SECRET)
        change(simulator)
        for attempt in (wrapping.unwrap(CLIENT, "one", envelope), wrapping.wrap(CLIENT, "two", SECRET)):
            with pytest.raises(WrappingUnavailable, match=words) as caught:
                await attempt
            assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"api_key": "wrong-api-key-0123456789"}, "API key"),
        ({"crk_id": "11111111-2222-4333-8444-555555555555"}, "does not exist"),
        ({"instance_id": "11111111-2222-4333-8444-555555555555"}, "no right"),
    ],
)
async def test_wrong_settings_are_an_error_at_the_start(simulator: RunningSimulator, changes: dict[str, object], words: str) -> None:
    async with wrapping_by(settings_for(simulator, **changes)) as (wrapping, _):
        with pytest.raises(ConfigurationError, match=words) as caught:
            await wrapping.verify()
        assert caught.value.hint
        assert "wrong-api-key" not in str(caught.value)


async def test_a_disabled_root_key_at_the_start_is_a_warning(simulator: RunningSimulator) -> None:
    simulator.disable_key()
    async with wrapping_by(settings_for(simulator)) as (wrapping, _):
        assert "not active" in str(await wrapping.verify())
        simulator.clock.move(seconds=60)
        simulator.enable_key()
        assert await wrapping.check() is None


async def test_a_rate_limit_is_waited_out(simulator: RunningSimulator) -> None:
    async with wrapping_by(settings_for(simulator)) as (wrapping, seen):
        limit = Disturbance(status=429, allowed=8, within=1.0, path="/api/v2/keys")
        with simulator.disturbed(limit):
            envelopes = await asyncio.gather(*(wrapping.wrap(CLIENT, str(number), SECRET) for number in range(16)))
        assert len({envelope.ciphertext for envelope in envelopes}) == 16
        assert (seen.calls["wrap ok"], seen.calls["circuit open"]) == (16, 0)


# --- a stub that misbehaves


class Stub:
    """IAM and Key Protect over plain HTTP; ``answers`` are played for Key Protect's requests, then all is well."""

    def __init__(self) -> None:
        self.answers: list[int | str | float | tuple[int, str]] = []
        self.tokens = 0
        self.requests = 0
        self.life = 3600.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
                body = await reader.readexactly(length)
                if b"/identity/token" in head.split(b"\r\n")[0]:
                    self.tokens += 1
                    await asyncio.sleep(0.01)
                    answer(writer, 200, {"access_token": f"token-{self.tokens}", "expires_in": self.life})
                    continue
                self.requests += 1
                deed = self.answers.pop(0) if self.answers else 200
                if isinstance(deed, float):
                    await asyncio.sleep(deed)
                elif deed == "cut":
                    return
                elif isinstance(deed, tuple):
                    answer(writer, deed[0], {}, f"Retry-After: {deed[1]}")
                    continue
                elif deed == "cut short":
                    writer.write(b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
                    return
                elif deed == "html":
                    answer(writer, 200, "<html>")
                    continue
                elif isinstance(deed, int) and deed != 200:
                    answer(writer, deed, {})
                    continue
                plaintext = json.loads(body)["ciphertext"]
                answer(writer, 200, {"plaintext": plaintext, "keyVersion": {"id": "v1"}})
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass
        finally:
            writer.close()


def answer(writer: asyncio.StreamWriter, status: int, body: object, header: str = "X: x") -> None:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} x\r\n{header}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)


@asynccontextmanager
async def stubbed(**changes: object) -> AsyncIterator[tuple[Stub, KeyProtectWrapping, Seen]]:
    stub = Stub()
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    fields: dict[str, object] = {"cache_seconds": 0.0, "deadline_seconds": 2.0, **changes}
    settings = KeyProtectSettings(url, f"{url}/identity/token", "instance", "crk", "the-api-key", **fields)  # type: ignore[arg-type]
    async with server, wrapping_by(settings) as (wrapping, seen):
        yield stub, wrapping, seen


ENVELOPE = Envelope("key_protect", "crk", "v1", base64.b64encode(SECRET))


@pytest.mark.parametrize("answers", [[503], [429, 500, 502], ["cut"], ["cut short"], ["cut", 503, 429], ["html"]])
async def test_what_may_pass_is_tried_again(answers: list[int | str]) -> None:
    async with stubbed() as (stub, wrapping, _):
        stub.answers = [*answers]
        assert await wrapping.unwrap(CLIENT, "one", ENVELOPE) == SECRET
        assert stub.requests >= len(answers) + 1


async def test_what_does_not_pass_is_said_in_words_and_then_at_once() -> None:
    async with stubbed() as (stub, wrapping, seen):
        stub.answers = [503] * 100
        with pytest.raises(WrappingUnavailable, match="HTTP 503") as caught:
            await wrapping.unwrap(CLIENT, "one", ENVELOPE)
        assert caught.value.reason is ResultReason.GENERAL_FAILURE
        sent, started = stub.requests, time.monotonic()
        with pytest.raises(WrappingUnavailable, match="HTTP 503"):
            await wrapping.unwrap(CLIENT, "one", ENVELOPE)
        assert stub.requests == sent
        assert time.monotonic() - started < 0.1
        assert seen.calls["unwrap unavailable"] == 1


@pytest.mark.parametrize("retry_after", ["1", "a date"])
async def test_who_is_throttled_comes_again_when_it_was_told_to(retry_after: str) -> None:
    async with stubbed(deadline_seconds=5.0) as (stub, wrapping, _):
        stub.answers = [(429, formatdate(time.time() + 2, usegmt=True) if retry_after == "a date" else retry_after)]
        started = time.monotonic()
        assert await wrapping.unwrap(CLIENT, "one", ENVELOPE) == SECRET
        assert 0.9 < time.monotonic() - started < 4
        assert stub.requests == 2


@pytest.mark.parametrize("nonsense", ["soon", "-1", "\u00b2"])
async def test_a_retry_after_that_says_nothing_is_none(nonsense: str) -> None:
    async with stubbed() as (stub, wrapping, _):
        stub.answers = [(429, nonsense)]
        assert await wrapping.unwrap(CLIENT, "one", ENVELOPE) == SECRET


async def test_who_is_told_to_come_again_after_the_deadline_fails_at_once() -> None:
    async with stubbed() as (stub, wrapping, _):
        stub.answers = [(429, "30")]
        started = time.monotonic()
        with pytest.raises(WrappingUnavailable, match="HTTP 429"):
            await wrapping.unwrap(CLIENT, "one", ENVELOPE)
        assert time.monotonic() - started < 0.5
        assert stub.requests == 1


async def test_one_caller_finds_out_whether_it_is_back_and_the_others_do_not_wait(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kmip_server.wrapping.http.AWAY_SECONDS", 0.2)
    envelopes = [Envelope("key_protect", "crk", "v1", base64.b64encode(bytes([n]) * 32)) for n in range(30)]
    async with stubbed(deadline_seconds=0.6) as (stub, wrapping, seen):
        stub.answers = [30.0, 30.0]
        with pytest.raises(WrappingUnavailable):
            await wrapping.unwrap(CLIENT, "one", ENVELOPE)
        for asked in (2, 3):
            await asyncio.sleep(0.25)
            outcomes = await asyncio.gather(*(wrapping.unwrap(CLIENT, "one", envelope) for envelope in envelopes), return_exceptions=True)
            assert stub.requests == asked
            assert sum(isinstance(outcome, bytes) for outcome in outcomes) == asked - 2
        assert await asyncio.gather(*(wrapping.unwrap(CLIENT, "one", envelope) for envelope in envelopes))
        assert (seen.calls["circuit open"], seen.calls["circuit closed"]) == (1, 1)
        assert seen.calls["unwrap away"] == 2 * 29
    assert [record.message.partition(" (")[0].partition(", after")[0] for record in caplog.records if "instance" in record.message] == [
        "Key Protect instance instance does not answer",
        "Key Protect instance instance answers again",
    ]


async def test_a_slow_key_protect_meets_the_deadline() -> None:
    async with stubbed(deadline_seconds=0.3) as (stub, wrapping, _):
        stub.answers = [30.0]
        started = time.monotonic()
        with pytest.raises(WrappingUnavailable):
            await wrapping.unwrap(CLIENT, "one", ENVELOPE)
        assert time.monotonic() - started < 1.5


async def test_an_unreachable_key_protect_is_a_warning_at_the_start_and_fails_quickly() -> None:
    settings = KeyProtectSettings("http://127.0.0.1:9", "http://127.0.0.1:9/identity/token", "instance", "crk", "the-api-key")
    async with wrapping_by(settings) as (wrapping, _):
        started = time.monotonic()
        assert "cannot be reached at 127.0.0.1:9" in str(await wrapping.verify())
        with pytest.raises(WrappingUnavailable, match="cannot be reached"):
            await wrapping.wrap(CLIENT, "one", SECRET)
        assert time.monotonic() - started < 4


async def test_one_token_for_all_who_need_one_and_another_in_time() -> None:
    async with stubbed() as (stub, wrapping, _):
        stub.life = 1.0
        envelopes = [Envelope("key_protect", "crk", "v1", base64.b64encode(bytes([n]) * 32)) for n in range(20)]
        await asyncio.gather(*(wrapping.unwrap(CLIENT, "one", envelope) for envelope in envelopes))
        assert stub.tokens == 1
        await asyncio.sleep(0.85)
        await wrapping.unwrap(CLIENT, "one", ENVELOPE)
        assert stub.tokens == 2


async def test_a_token_that_is_refused_is_renewed_once() -> None:
    async with stubbed() as (stub, wrapping, _):
        stub.answers = [401]
        assert await wrapping.unwrap(CLIENT, "one", ENVELOPE) == SECRET
        assert stub.tokens == 2


async def test_no_secret_is_logged_or_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with stubbed() as (stub, wrapping, _):
        stub.answers = [401, 401]
        with pytest.raises(WrappingUnavailable) as caught:
            await wrapping.unwrap(CLIENT, "one", ENVELOPE)
        told = caplog.text + str(caught.value) + caught.value.hint
        for secret in ("the-api-key", "token-1", "token-2", base64.b64encode(SECRET).decode()):
            assert secret not in told
