"""The listener over real sockets and real TLS, with an engine that only echoes."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from echoing import framed, known, running, until
from kmip_server.directory import pki
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.errors import ConfigurationError
from kmip_server.listener.limits import Limits
from kmip_server.listener.listener import bind

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_pinned_client_is_answered(tmp_path: Path, version: ssl.TLSVersion) -> None:
    async with running(tmp_path) as lab:
        context = lab.context(known(lab), version=version)
        assert await lab.ask(context) == framed(b"hello") + b"alice"
        await lab.is_quiet()
        assert lab.seen.counts[version.name.replace("_", ".")] == 1


@pytest.mark.parametrize("authentication", ["ECDSA", "RSA"])
async def test_each_client_finds_a_certificate_it_can_use(tmp_path: Path, authentication: str) -> None:
    """Suite B wants ECDSA, many an older client knows RSA alone."""
    async with running(tmp_path, kinds=("rsa", "ecdsa")) as lab:
        context = lab.context(known(lab), version=ssl.TLSVersion.TLSv1_2)
        context.set_ciphers(f"ECDHE-{authentication}-AES256-GCM-SHA384")
        assert await lab.ask(context) == framed(b"hello") + b"alice"


USAGES = {
    "without EKU": (),
    "with clientAuth": (ExtendedKeyUsageOID.CLIENT_AUTH,),
    "with serverAuth alone": (ExtendedKeyUsageOID.SERVER_AUTH,),
    "with codeSigning alone": (ExtendedKeyUsageOID.CODE_SIGNING,),
}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("usages", USAGES.values(), ids=USAGES)
async def test_a_pinned_self_signed_leaf_is_accepted_whatever_its_usage(
    tmp_path: Path, usages: tuple[object, ...], version: ssl.TLSVersion
) -> None:
    async with running(tmp_path) as lab:
        leaf = pki.create_self_signed("kmipClient20261123", usages=usages)
        context = lab.context(leaf, version=version)
        await lab.refuses(context, "unknown-certificate")
        known(lab, leaf)
        assert await lab.ask(context) == framed(b"hello") + b"alice"


async def test_registering_and_removing_work_for_the_next_handshake(tmp_path: Path) -> None:
    async with running(tmp_path, session_tickets=2) as lab:
        other_process = SqliteDirectory(tmp_path / "kmip.db")
        pair = known(lab)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = lab.context(pair, version=version)
            assert await lab.ask(context)
            certificate = other_process.certificates()[0]
            assert other_process.remove_certificate(certificate.id)
            await lab.refuses(context, "unknown-certificate")
            other_process.add_certificate("alice", certificate.pem)
            assert await lab.ask(context)
        other_process.close()


async def test_a_removed_client_cannot_resume_its_session(tmp_path: Path) -> None:
    async with running(tmp_path, session_tickets=2) as lab:
        context = lab.context(known(lab), version=ssl.TLSVersion.TLSv1_3)

        def talk(session: ssl.SSLSession | None) -> tuple[bytes, ssl.SSLSession | None, bool]:
            with (
                socket.create_connection(("127.0.0.1", lab.port), timeout=5) as plain,
                context.wrap_socket(plain, server_hostname="localhost", session=session) as secure,
            ):
                secure.sendall(framed(b"hello"))
                return secure.recv(100), secure.session, bool(secure.session_reused)

        _, session, _ = await asyncio.to_thread(talk, None)
        answer, session, reused = await asyncio.to_thread(talk, session)
        assert answer
        assert reused
        lab.directory.remove_certificate(lab.directory.certificates()[0].id)
        with suppress(OSError):
            answer, _, reused = await asyncio.to_thread(talk, session)
            assert answer == b""
        assert lab.seen.causes["unknown-certificate"] == 1


async def test_a_removed_client_loses_its_open_connection(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        reader, writer = await lab.connect(lab.context(known(lab)))
        writer.write(framed(b"hello"))
        assert await reader.read(100)
        lab.directory.remove_client(lab.directory.clients()[0].id)
        assert await asyncio.wait_for(reader.read(100), 5) == b""
        writer.close()
        assert lab.seen.counts["removed"] == 1


async def test_who_is_signed_by_a_pinned_certificate_is_still_a_stranger(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        pinned = known(lab, pki.create_self_signed("looks like a CA", is_ca=True))
        child = pki.create_client_certificate(pinned, "child")
        await lab.refuses(lab.context(child), "unknown-certificate")


async def test_an_expired_certificate_is_refused_in_words(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        await lab.refuses(lab.context(known(lab, pki.create_self_signed("old", days=-1))), "bad-certificate")


async def test_a_client_without_a_certificate_gets_an_alert(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        await lab.refuses(lab.context(None), "no-certificate")
        with pytest.raises(ssl.SSLError, match=r"HANDSHAKE_FAILURE|CERTIFICATE_REQUIRED"):
            await lab.connect(lab.context(None, version=ssl.TLSVersion.TLSv1_2))


async def test_static_rsa_only_when_asked_for(tmp_path: Path) -> None:
    suite = "AES128-SHA256"
    async with running(tmp_path, kinds=("rsa",)) as lab:
        await lab.refuses(lab.context(known(lab), version=ssl.TLSVersion.TLSv1_2, ciphers=suite), "no-shared-cipher")
    async with running(tmp_path, kinds=("rsa",), legacy_ciphers=True) as lab:
        pair = pki.create_self_signed("bob")
        known(lab, pair)
        assert await lab.ask(lab.context(pair, version=ssl.TLSVersion.TLSv1_2, ciphers=suite))


async def test_bytes_that_are_no_tls(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        for words in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", framed(b"kmip in the clear"), bytes(2000)):
            reader, writer = await asyncio.open_connection("127.0.0.1", lab.port)
            writer.write(words)
            await asyncio.wait_for(reader.read(), 5)
            writer.close()
        assert lab.seen.causes["not-tls"] == 3
        assert await lab.ask(lab.context(known(lab)))


async def test_floods_handshake_only_connections_and_resets_leave_nothing_behind(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        good, bad = lab.context(known(lab)), lab.context(pki.create_self_signed("stranger", kind="ecdsa"))
        gc.collect()

        async def knock(number: int) -> None:
            with suppress(OSError):
                if number % 4 == 0:
                    await lab.ask(bad)
                elif number % 4 == 1:
                    _, writer = await lab.connect(good)
                    writer.close()
                elif number % 4 == 2:
                    _, writer = await asyncio.open_connection("127.0.0.1", lab.port)
                    writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
                    await writer.drain()
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                else:
                    _, writer = await lab.connect(good)
                    writer.write(framed(b"hello"))
                    writer.transport.abort()

        await asyncio.gather(*(knock(number) for number in range(120)))
        assert await lab.ask(good) == framed(b"hello") + b"alice"
        await lab.is_quiet()


async def test_pipelined_requests_are_answered_in_order(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        reader, writer = await lab.connect(lab.context(known(lab)))
        bodies = [b"one", b"slow two", b"three", b"slow four", b"five" * 3000]
        writer.write(b"".join(map(framed, bodies)))
        assert await reader.readexactly(8 + 3 + 5) == framed(b"one") + b"alice"
        lab.echo.release.set()
        for body in bodies[1:]:
            assert await reader.readexactly(8 + len(body) + 5) == framed(body) + b"alice"
        writer.close()


async def test_a_request_byte_by_byte(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        reader, writer = await lab.connect(lab.context(known(lab)))
        for byte in framed(b"slowly"):
            writer.write(bytes([byte]))
            await writer.drain()
        lab.echo.release.set()
        assert await reader.readexactly(8 + 6 + 5) == framed(b"slowly") + b"alice"
        writer.close()


async def test_a_client_that_does_not_read_stops_being_read(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        reader, writer = await lab.connect(lab.context(known(lab)))
        request = framed(b"x" * 100_000)
        writer.transport.set_write_buffer_limits(1 << 30)
        writer.transport.pause_reading()
        for _ in range(200):
            writer.write(request)
        async with asyncio.timeout(10):
            stuck = -1
            while stuck != lab.echo.answered:
                stuck = lab.echo.answered
                await asyncio.sleep(0.3)
        assert lab.echo.answered < 200
        writer.transport.resume_reading()
        for _ in range(200):
            assert (await reader.readexactly(len(request) + 5)).endswith(b"alice")
        writer.close()


async def test_a_reply_may_end_the_connection(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        reader, writer = await lab.connect(lab.context(known(lab)))
        writer.write(framed(b"good bye") + framed(b"more"))
        assert await reader.read() == framed(b"good bye") + b"alice"
        writer.close()


async def test_broken_framing_is_answered_once(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        reader, writer = await lab.connect(lab.context(known(lab)))
        writer.write(framed(b"fine") + b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.read() == framed(b"fine") + b"alice" + b"GET / HTTP/1.1\r\n\r\n" + b"alice"
        writer.close()


async def test_a_client_that_leaves_while_it_is_being_answered(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        _, writer = await lab.connect(lab.context(known(lab)))
        writer.write(framed(b"slow"))
        await until(lambda: any(connection.busy for connection in lab.listener._connections))
        writer.transport.abort()
        await lab.is_quiet()
        lab.echo.release.set()
        await until(lambda: lab.echo.answered)


async def test_time_outs(tmp_path: Path) -> None:
    async with running(tmp_path, Limits(handshake_timeout=0.1, idle_timeout=0.1)) as lab:
        silent = await asyncio.open_connection("127.0.0.1", lab.port)
        half = await asyncio.open_connection("127.0.0.1", lab.port)
        half[1].write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        idle = await lab.connect(lab.context(known(lab)))
        for reader, writer in (silent, half, idle):
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
        await lab.is_quiet()
        assert lab.seen.causes == {"timeout": 1}


async def test_one_connection_too_many(tmp_path: Path) -> None:
    async with running(tmp_path, Limits(connections=2)) as lab:
        context = lab.context(known(lab))
        opened = [await lab.connect(context) for _ in range(2)]
        with pytest.raises(OSError):
            await lab.ask(context)
        assert lab.seen.counts["turned away"] == 1
        opened.pop()[1].close()
        await until(lambda: not (lab.listener.open_connections > 1))
        assert await lab.ask(context)
        opened.pop()[1].close()


async def test_handshakes_beyond_the_limit_wait_for_their_turn(tmp_path: Path) -> None:
    async with running(tmp_path, Limits(handshakes=2)) as lab:
        context = lab.context(known(lab))
        answers = await asyncio.gather(*(lab.ask(context) for _ in range(20)))
        assert answers == [framed(b"hello") + b"alice"] * 20


async def test_stopping_lets_a_request_finish(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        reader, writer = await lab.connect(lab.context(known(lab)))
        writer.write(framed(b"slow"))
        await until(lambda: any(connection.busy for connection in lab.listener._connections))
        stopping = asyncio.create_task(lab.listener.stop())
        await asyncio.sleep(0)
        lab.echo.release.set()
        assert await reader.read() == framed(b"slow") + b"alice"
        writer.close()
        await stopping


async def test_a_port_in_use_is_said_in_words(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        with pytest.raises(ConfigurationError, match=f"port {lab.port} is in use") as caught:
            bind("127.0.0.1", lab.port)
        assert "another port" in caught.value.hint


def test_an_address_of_another_machine_is_said_in_words() -> None:
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1"):
        bind("192.0.2.1", 0)
