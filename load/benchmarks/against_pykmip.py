"""Our server beside PyKMIP's own: throughput, latency and CPU in one interleaved run, and the two codecs in one process.

    python load/benchmarks/against_pykmip.py [--quick] [--rounds N] [--seconds S] [--json FILE]

Both servers are child processes, alive at the same time, with durable stores of the same thousand keys; ours with its defaults, local
wrapping among them, PyKMIP's as shipped; both log warnings alone. The rounds are short and alternate, so that a noisy neighbour disturbs
both; the table shows medians, and the best round beside them. One lean client drives both, and verifies every answer. CPU µs
a call is what the server's processes used; it depends least on neighbours. Nothing is asserted: figures are for reading.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import runpy
import sys
import tempfile
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))

from kmip_conformance.client import Target
from kmip_conformance.requests import create_symmetric_key, get, locate, name, request
from kmip_conformance.tables import V1_4, Operation
from kmip_conformance.wire import encode
from kmip_conformance.wire.quick import unique_identifier
from kmip_load.answers import AES_256_MATERIAL, UNIQUE_IDENTIFIER, Call, call, identifier_item
from kmip_load.connection import Connection, Endpoint, endpoint_of
from lean_client import Round, ask_anew, keep_asking
from pykmip_server import running_pykmip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYS = 1000
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server under measurement: where it is, its processes, and the keys that are in it, by name."""

    name: str
    endpoint: Endpoint
    pid: int
    keys: dict[str, str]

    def cpu_seconds(self) -> float:
        """User and system time of the server and its children until now."""
        process = psutil.Process(self.pid)
        times = [member.cpu_times() for member in (process, *process.children(recursive=True))]
        return sum(time.user + time.system for time in times)


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: how both servers are asked, and how many times PyKMIP's throughput ours should reach."""

    title: str
    ask: Callable[[Server, float], Round]
    wanted: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rounds of one server and one measure came to: medians, and the best round's rate."""

    server: str
    rate: float
    best_rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def get_calls(server: Server) -> Iterator[Call]:
    """Gets of all keys, round and round."""
    calls = [call(Operation.GET, encode(request(V1_4, get(key))), identifier_item(key), AES_256_MATERIAL) for key in server.keys.values()]
    return itertools.cycle(calls)


def create_calls() -> Iterator[Call]:
    """Creates of AES-256 keys, each with a name that was never used before, without end."""
    stand_in = "~" * 16
    message = encode(request(V1_4, create_symmetric_key(name(stand_in))))
    for number in _names:
        yield call(Operation.CREATE, message.replace(stand_in.encode(), b"bench-%010d" % number), UNIQUE_IDENTIFIER)


def locate_calls(server: Server) -> Iterator[Call]:
    """Locates by name, each of another key; the answer must hold that key's identifier."""
    calls = [
        call(Operation.LOCATE, encode(request(V1_4, locate(name(key_name)))), identifier_item(key)) for key_name, key in server.keys.items()
    ]
    return itertools.cycle(calls)


_names = itertools.count()

MEASURES = (
    Measure("Locate by name, 1,000 keys", lambda server, seconds: keep_asking(server.endpoint, 1, locate_calls(server), seconds)),
    Measure("Get, 1 connection", lambda server, seconds: keep_asking(server.endpoint, 1, get_calls(server), seconds)),
    Measure("Get, 32 connections", lambda server, seconds: keep_asking(server.endpoint, 32, get_calls(server), seconds), 25),
    Measure("new connection + Get, 8 at once", lambda server, seconds: ask_anew(server.endpoint, 8, get_calls(server), seconds), 2.5),
    Measure("durable Create, 32 connections", lambda server, seconds: keep_asking(server.endpoint, 32, create_calls(), seconds), 10),
)
"""Creates last: they fill the store that Locate searches."""


CODEC_WANTED = 15.0
"""How many times faster than PyKMIP's a decoded Get request and an encoded Get response should be together."""


def stocked(server_name: str, target: Target, pid: int) -> Server:
    """The server with `KEYS` named keys made in it, one after the other."""
    endpoint = endpoint_of(target, TIMEOUT)
    keys = {}
    with closing(Connection(endpoint)) as connection:
        for number in range(KEYS):
            key_name = f"stock-{number:06}"
            one = call(Operation.CREATE, encode(request(V1_4, create_symmetric_key(name(key_name)))), UNIQUE_IDENTIFIER)
            answer = connection.exchange(one.request)
            if not one.is_answered_by(answer):
                raise RuntimeError(f"{server_name} refuses Create: {answer.hex()}")
            keys[key_name] = unique_identifier(answer) or ""
    server = Server(server_name, endpoint, pid, keys)
    keep_asking(endpoint, 8, itertools.islice(get_calls(server), 10 * KEYS), 0.5)
    return server


def running_servers(stack: ExitStack) -> list[Server]:
    """Ours and PyKMIP's, each with its keys, until the stack is closed."""
    from kmip_server.testing import running_server_process

    ours = stack.enter_context(running_server_process())
    assert ours.process is not None
    peer = stack.enter_context(running_pykmip(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
    return [
        stocked("ours", Target(ours.host, ours.port, ours.ca, ours.cert, ours.key), ours.process.pid),
        stocked("PyKMIP", Target(peer.host, peer.port, peer.ca, peer.cert, peer.key), peer.pid),
    ]


def measured(measure: Measure, servers: list[Server], rounds: int, seconds: float) -> dict[str, Figures]:
    """The figures of every server; the rounds go round-robin over them."""
    taken: dict[str, list[tuple[Round, float]]] = {server.name: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            cpu = server.cpu_seconds()
            one = measure.ask(server, seconds)
            taken[server.name].append((one, 1e6 * (server.cpu_seconds() - cpu) / len(one.latencies)))
    return {name: _figures(name, results) for name, results in taken.items()}


def _figures(server: str, results: list[tuple[Round, float]]) -> Figures:
    rounds = [one for one, _ in results]
    return Figures(
        server,
        rate=median(one.rate for one in rounds),
        best_rate=max(one.rate for one in rounds),
        p50_ms=median(one.milliseconds_at(50) for one in rounds),
        p99_ms=median(one.milliseconds_at(99) for one in rounds),
        cpu_us=median(cpu for _, cpu in results),
    )


def codec_ratios() -> list[dict[str, Any]]:
    """What the codec's own benchmark says: title, µs of both, and their ratio."""
    script = Path(__file__).resolve().parents[2] / "server_under_test" / "benchmarks" / "codec.py"
    return [asdict(one) | {"ratio": one.ratio} for one in runpy.run_path(str(script), run_name="codec")["run"]()]


HEADINGS = f"{'':34} {'':7} {'/s median':>10} {'best':>9} {'p50 ms':>9} {'p99 ms':>9} {'CPU µs':>8}"


def show(measure: Measure, figures: dict[str, Figures]) -> None:
    """Two rows for a measure, and how the servers compare."""
    ours, peer = figures["ours"], figures["PyKMIP"]
    for title, one in ((measure.title, ours), ("", peer)):
        row = f"{title:34} {one.server:7} {one.rate:10,.0f} {one.best_rate:9,.0f} {one.p50_ms:9,.2f} {one.p99_ms:9,.2f} {one.cpu_us:8,.0f}"
        sys.stdout.write(row + "\n")
    wanted = f" (wanted: {measure.wanted:g}x)" if measure.wanted else ""
    ratios = f"throughput {ours.rate / peer.rate:.1f}x{wanted}, p99 {peer.p99_ms / ours.p99_ms:.1f}x, CPU {peer.cpu_us / ours.cpu_us:.1f}x"
    sys.stdout.write(f"{'':34} {ratios}\n")
    sys.stdout.flush()


def show_codecs(codecs: list[dict[str, Any]]) -> None:
    """A row for each message, and the two halves of a Get together."""
    sys.stdout.write(f"\n{'codec, µs a message':34} {'':7} {'ours':>10} {'PyKMIP':>9}\n")
    for one in codecs:
        sys.stdout.write(f"{one['title']:42} {one['ours_us']:10.2f} {one['pykmip_us']:9.1f} {one['ratio']:6.1f}x\n")
    halves = [one for one in codecs if one["title"] in {"decode Get request", "encode Get response"}]
    ratio = sum(one["pykmip_us"] for one in halves) / sum(one["ours_us"] for one in halves)
    sys.stdout.write(f"{'decode + encode of a Get':42} {'':10} {'':9} {ratio:6.1f}x (wanted: {CODEC_WANTED:g}x)\n")


def main() -> int:
    """Measure, print the table; with --json write the figures too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds of each measure and server")
    parser.add_argument("--seconds", type=float, default=1.5, metavar="S", help="length of a round")
    parser.add_argument("--quick", action="store_true", help="2 rounds of half a second: whether it works, not how fast")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    arguments = parser.parse_args()
    rounds, seconds = (2, 0.5) if arguments.quick else (arguments.rounds, arguments.seconds)

    load_before = psutil.getloadavg()[0]
    found = {}
    with ExitStack() as stack:
        servers = running_servers(stack)
        sys.stdout.write(f"{rounds} interleaved rounds of {seconds:g} s; Python {platform.python_version()}, {psutil.cpu_count()} CPUs\n")
        sys.stdout.write(HEADINGS + "\n")
        for measure in MEASURES:
            found[measure.title] = figures = measured(measure, servers, rounds, seconds)
            show(measure, figures)
    codecs = codec_ratios()
    show_codecs(codecs)
    sys.stdout.write(f"\nload average before: {load_before:.2f}. With neighbours, trust ratios and CPU µs more than rates.\n")
    if arguments.json:
        rows = {title: {name: asdict(one) for name, one in figures.items()} for title, figures in found.items()}
        arguments.json.write_text(json.dumps({"measures": rows, "codec": codecs, "load_before": load_before}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
