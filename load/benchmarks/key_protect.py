"""The Key Protect simulator under measurement: wrap+unwrap pairs a second through HTTP, and the cold start of `kmiplab up`.

    python load/benchmarks/key_protect.py [--quick] [--rounds N] [--seconds S] [--starts N] [--json FILE]

The simulator is a process of its own, with its defaults; the client is this process, so that the two share two cores as they would on a
laptop. A connection stays open; on each, a wrap of 32 fresh bytes is followed by the unwrap of its ciphertext, and what comes back must be
what went in. A cold start lasts from the start of the process until its ready file is there: once with no state folder, once with that
of the start before. The tables show medians, with what is aimed at beside them. Nothing is asserted: figures are for reading.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

PAIRS_WANTED = 500
START_WANTED = 2.0
CONNECTIONS = (1, 8, 32)
AIMED_AT = 8
"""The number of connections whose rate the aim is for."""
PATIENCE = 30.0
COMMAND = (sys.executable, "-m", "kmiplab")


class WrongAnswer(Exception):
    """The simulator answered otherwise than a benchmark can count; the figures would be of something else."""


@dataclass(frozen=True, slots=True)
class KeyProtect:
    """A running simulator: where it is, how its root key is asked, and its process."""

    address: tuple[str, int]
    head: str
    """The request up to the action's name, and the headers after it."""
    process: psutil.Process

    def request(self, action: str, document: dict[str, str]) -> bytes:
        """The bytes of an action on the root key."""
        body = json.dumps(document).encode()
        return self.head.format(action=action, length=len(body)).encode() + body

    def cpu_seconds(self) -> float:
        """User and system time until now."""
        times = self.process.cpu_times()
        return times.user + times.system


@dataclass(frozen=True, slots=True)
class Round:
    """What one round measured: the seconds it really took, the milliseconds of every pair, and the simulator's CPU µs a pair."""

    seconds: float
    milliseconds: list[float]
    cpu_us: float

    @property
    def rate(self) -> float:
        """Pairs a second."""
        return len(self.milliseconds) / self.seconds

    def at(self, percentile: float) -> float:
        """The exact percentile (nearest rank), in ms."""
        ordered = sorted(self.milliseconds)
        return ordered[max(0, min(len(ordered) - 1, round(percentile / 100 * len(ordered)) - 1))]


class Pairs:
    """One connection, and the pair that is under way on it."""

    def __init__(self, key_protect: KeyProtect) -> None:
        self.socket = socket.create_connection(key_protect.address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._key_protect = key_protect
        self._answer = b""
        self._plaintext = ""
        self._wrapping = False
        self._started = 0.0

    def begin(self) -> None:
        """Ask for the wrap of a key that was never seen before."""
        self._plaintext = base64.b64encode(os.urandom(32)).decode()
        self._started = time.perf_counter()
        self._ask("wrap", {"plaintext": self._plaintext})

    def _ask(self, action: str, document: dict[str, str]) -> None:
        self._wrapping, self._answer = action == "wrap", b""
        self.socket.sendall(self._key_protect.request(action, document))

    def go_on(self) -> float | None:
        """Read what is there; the milliseconds of the pair once it is complete."""
        self._answer += self.socket.recv(65_536) or _closed()
        document = answered(self._answer)
        if document is None:
            return None
        if self._wrapping:
            self._ask("unwrap", {"ciphertext": document["ciphertext"]})
            return None
        if document["plaintext"] != self._plaintext:
            raise WrongAnswer("another plaintext came back")
        return 1000 * (time.perf_counter() - self._started)


def _closed() -> bytes:
    raise WrongAnswer("connection closed")


def answered(answer: bytes) -> dict[str, Any] | None:
    """The document of an answer that is complete. Raises WrongAnswer for one that is no 200."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return None
    if not head.startswith(b"HTTP/1.1 200 "):
        raise WrongAnswer(answer[:400].decode("latin-1"))
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return json.loads(body) if len(body) >= length else None


def measured(key_protect: KeyProtect, connections: int, seconds: float) -> Round:
    """Pairs on so many standing connections for so long, the next when the last is done."""
    selector = selectors.DefaultSelector()
    milliseconds: list[float] = []
    for pairs in [Pairs(key_protect) for _ in range(connections)]:
        selector.register(pairs.socket, selectors.EVENT_READ, pairs)
    cpu, started = key_protect.cpu_seconds(), time.perf_counter()
    for key in list(selector.get_map().values()):
        key.data.begin()
    while selector.get_map():
        for key, _ in selector.select(PATIENCE) or _nobody_answers():
            took = key.data.go_on()
            if took is None:
                continue
            milliseconds.append(took)
            if time.perf_counter() - started < seconds:
                key.data.begin()
            else:
                selector.unregister(key.fileobj)
                key.data.socket.close()
    elapsed = time.perf_counter() - started
    return Round(elapsed, milliseconds, 1e6 * (key_protect.cpu_seconds() - cpu) / len(milliseconds))


def _nobody_answers() -> Any:
    raise WrongAnswer(f"the simulator answered nothing for {PATIENCE:g} s")


@contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any], float]]:
    """A `kmiplab` command with a ready file: its process, what the file says, and the seconds until it was there."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        begun = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, *words, "--ready-file", str(ready)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not ready.exists():
                if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                    raise WrongAnswer(f"kmiplab {words[0]} does not come up")
                time.sleep(0.002)
            yield process, json.loads(ready.read_text("utf-8")), time.perf_counter() - begun
        finally:
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def running_key_protect() -> Iterator[KeyProtect]:
    """A simulator in memory, as `kmiplab simulate` starts it."""
    with started("simulate", "--port", "0") as (process, ready, _):
        lab = ready["key_protect"]
        address = urlsplit(lab["url"])
        form = urlencode({"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": lab["api_key"]}).encode()
        with urlopen(Request(lab["iam_url"], form), timeout=PATIENCE) as answer:  # noqa: S310 - our own server
            token = json.load(answer)["access_token"]
        head = (
            f"POST /api/v2/keys/{lab['crk_id']}/actions/{{action}} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Authorization: Bearer {token}\r\nBluemix-Instance: {lab['instance_id']}\r\nAccept: application/json\r\n"
            "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
        yield KeyProtect((address.hostname or "", address.port or 0), head, psutil.Process(process.pid))


def cold_starts(times: int) -> dict[str, list[float]]:
    """The seconds of each start of `kmiplab up`, without a state folder and with a used one."""
    seconds: dict[str, list[float]] = {"fresh state folder": [], "used state folder": []}
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            words = ("up", "--state-dir", f"{folder}/state", "--kmip-port", "0", "--http-port", "0")
            for taken in seconds.values():
                with started(*words) as (_, _, took):
                    taken.append(took)
    return seconds


def show_pairs(found: dict[int, list[Round]]) -> None:
    """A row for each number of connections."""
    sys.stdout.write(f"{'wrap + unwrap':26} {'pairs/s':>9} {'best':>9} {'p50 ms':>9} {'p99 ms':>9} {'CPU µs':>8}\n")
    for connections, rounds in found.items():
        figures = (f"{median(one.rate for one in rounds):9,.0f}", f"{max(one.rate for one in rounds):9,.0f}")
        latencies = (f"{median(one.at(50) for one in rounds):9,.2f}", f"{median(one.at(99) for one in rounds):9,.2f}")
        wanted = f"  (wanted: {PAIRS_WANTED}/s)" if connections == AIMED_AT else ""
        title = f"{connections} connection{'s' if connections > 1 else ''}"
        row = (f"{title:26}", *figures, *latencies, f"{median(one.cpu_us for one in rounds):8,.0f}")
        sys.stdout.write(f"{' '.join(row)}{wanted}\n")
    sys.stdout.flush()


def show_starts(found: dict[str, list[float]]) -> None:
    """A row for each kind of start."""
    sys.stdout.write(f"\n{'kmiplab up, until ready':26} {'s median':>9} {'best':>9} {'worst':>9}\n")
    for title, seconds in found.items():
        row = f"{title:26} {median(seconds):9.2f} {min(seconds):9.2f} {max(seconds):9.2f}"
        sys.stdout.write(f"{row}  (wanted: under {START_WANTED:g} s)\n")


def main() -> int:
    """Measure, print the tables; with --json write the figures too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds of each number of connections")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S", help="length of a round")
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="cold starts of each kind")
    parser.add_argument("--quick", action="store_true", help="one short round, one start: whether it works, not how fast")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    arguments = parser.parse_args()
    rounds, seconds, starts = (1, 0.3, 1) if arguments.quick else (arguments.rounds, arguments.seconds, arguments.starts)

    load_before = psutil.getloadavg()[0]
    sys.stdout.write(f"{rounds} rounds of {seconds:g} s; Python {platform.python_version()}, {psutil.cpu_count()} CPUs\n")
    with running_key_protect() as key_protect:
        measured(key_protect, AIMED_AT, min(seconds, 0.5))
        pairs = {connections: [measured(key_protect, connections, seconds) for _ in range(rounds)] for connections in CONNECTIONS}
    show_pairs(pairs)
    cold = cold_starts(starts)
    show_starts(cold)
    sys.stdout.write(f"\nload average before: {load_before:.2f}. With neighbours, trust CPU µs more than rates.\n")
    if arguments.json:
        rates = {str(connections): [one.rate for one in taken] for connections, taken in pairs.items()}
        arguments.json.write_text(json.dumps({"pairs_a_second": rates, "cold_start": cold, "load_before": load_before}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
