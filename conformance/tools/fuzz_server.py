"""Send a KMIP server mutated messages, as many as you like, and see whether every answer is in order.

``python conformance/tools/fuzz_server.py --count 1000000`` starts the reference server in a process of its own; ``--target HOST:PORT``
with ``--ca``, ``--cert`` and ``--key`` takes another one. Messages begin as right requests of every operation and version from the suite's
tables and, with ``--oasis DIR``, from the published cases; their trees and bytes are spoilt; several clients send them at once, several
at a time. Every answer must satisfy the suite's reader and be in good order, or the connection end in order; none may take longer than
30 seconds. At the end the server must still answer, and must not have kept memory, files or threads.

Exit code 1, and a file of messages that show it, when something was wrong: ``--replay FILE`` sends them again. The same ``--seed`` gives
the same mutations of the same objects, whose identifiers are the server's to choose.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import queue
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from fuzzing.judging import judged
from fuzzing.processes import MIB, Usage, usage_of
from fuzzing.seeds import Seeds, collected
from fuzzing.worker import PATIENCE, Client, Tally
from kmip_conformance.client import Target
from kmip_conformance.tables import ALL_VERSIONS, V2_1, Operation, ResultReason, words
from kmip_server.testing import running_server_process

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fuzzing.worker import Finding

VERSIONS = [version for version in ALL_VERSIONS if version <= V2_1]
SILENT_SECONDS = 10 * PATIENCE
"""After so long without a word from any client, the run has hung."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The whole run; its exit code."""
    options = _options(arguments)
    with _server(options) as (target, process):
        if options.replay:
            return _replayed(target, options.replay)
        return fuzzed(target, process, options)


def fuzzed(target: Target, process: int | None, options: argparse.Namespace) -> int:
    """A run against a target that is there."""
    started = time.monotonic()
    seeds = collected(options.oasis, VERSIONS)
    _say(f"{len(seeds.everything)} messages to begin with, of {len(seeds.by_operation)} operations; seed {options.seed}")
    probe = Client(target, Seeds({}, []), options.seed, -1)
    if not probe.is_served():
        _say("the target does not answer a right request: nothing to fuzz")
        return 1
    warm = Run(target, seeds, options, share=max(200, options.count // 10), number=0)
    warm.wait()
    before = usage_of(process)
    rest = Run(target, seeds, options, share=options.count - warm.tally.sent, number=options.clients, done=warm.tally.sent)
    rest.wait()
    probe.close()  # its connection has been idle for as long as the run, and may be closed for that
    alive = probe.is_served()
    probe.close()
    time.sleep(2.5)  # the server lingers for two seconds on connections that it closes
    after = usage_of(process)
    tally = _together([warm.tally, rest.tally])
    complaints = [*([] if alive else ["the server does not answer any more"]), *_growth(before, after, options.most_growth)]
    complaints += warm.complaints + rest.complaints
    print(_summary(tally, before, after, time.monotonic() - started))
    for complaint in complaints:
        print(f"WRONG: {complaint}")
    return _exit_code(tally.findings, complaints, options.reproducer)


class Run:
    """Some clients, each a process of its own, that send a share of the messages."""

    def __init__(self, target: Target, seeds: Seeds, options: argparse.Namespace, *, share: int, number: int, done: int = 0) -> None:
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self.news: multiprocessing.Queue[tuple[int, int | Tally]] = context.Queue()
        self.tally, self.complaints = Tally(), list[str]()
        self.share, self.done = share, done
        each = -(-share // options.clients)
        stop_at = time.monotonic() + options.seconds
        self.processes = [
            context.Process(target=_client, args=(target, seeds, options.seed, number + one, each, stop_at, self.news), daemon=True)
            for one in range(options.clients)
        ]
        for process in self.processes:
            process.start()

    def wait(self) -> None:
        """Listen to the clients until each has told its tally, or nobody says anything any more."""
        sent: dict[int, int] = {}
        tallies: list[Tally] = []
        while len(tallies) < len(self.processes):
            try:
                number, told = self.news.get(timeout=SILENT_SECONDS)
            except queue.Empty:
                self.complaints.append(f"no client has said anything for {SILENT_SECONDS:.0f} seconds: a hang")
                break
            if isinstance(told, Tally):
                tallies.append(told)
            else:
                sent[number] = told
                _say(f"{self.done + sum(sent.values())} messages", again=True)
        for process in self.processes:
            process.join(timeout=5)
        self.tally = _together(tallies)


def _client(target: Target, seeds: Seeds, seed: int, number: int, count: int, stop_at: float, news: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    client = Client(target, seeds, seed, number)
    try:
        client.run(count, stop_at=stop_at, progress=lambda sent: news.put((number, sent)))
    except Exception as error:  # noqa: BLE001 - whatever befalls one client is told, and is a finding
        client.found(f"a client came to grief: {type(error).__name__}: {error}", [])
    news.put((number, client.tally))


@contextlib.contextmanager
def _server(options: argparse.Namespace) -> Iterator[tuple[Target, int | None]]:
    """The target, and the process of it if it is ours."""
    if options.target:
        host, _, port = options.target.rpartition(":")
        yield Target(host, int(port), options.ca, options.cert, options.key), options.pid
        return
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, running_server_process(Path(folder)) as server:
        assert server.process is not None
        yield Target(server.host, server.port, server.ca, server.cert, server.key), server.process.pid


def _together(tallies: Sequence[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.sent += tally.sent
        whole.answered += tally.answered
        whole.closed += tally.closed
        whole.items.update(tally.items)
        whole.findings += tally.findings
    return whole


def _growth(before: Usage | None, after: Usage | None, most_growth: int) -> Iterator[str]:
    """What the server has kept that it had not before."""
    if before is None or after is None:
        return
    if after.memory - before.memory > most_growth * MIB:
        yield f"the server's memory has grown from {before.memory / MIB:.0f} to {after.memory / MIB:.0f} MiB"
    if after.files > before.files + 8:
        yield f"the server had {before.files} files open and has {after.files} now"
    if after.threads > before.threads + 4:
        yield f"the server had {before.threads} threads and has {after.threads} now"


def _summary(tally: Tally, before: Usage | None, after: Usage | None, seconds: float) -> str:
    reasons = Counter[str]()
    operations = set()
    for (operation, reason), count in tally.items.items():
        reasons["success" if not reason else words(ResultReason(reason))] += count
        if operation in set(Operation) and not reason:
            operations.add(operation)
    most = ", ".join(f"{name} {count}" for name, count in reasons.most_common(12))
    return "\n".join(
        [
            f"{tally.sent} messages in {seconds:.0f} s: {tally.answered} answered, {tally.closed} times the connection was closed instead",
            f"batch items: {most}",
            f"operations that succeeded at least once: {len(operations)}",
            f"the server after a tenth of the run: {before or 'unknown'}; at its end: {after or 'unknown'}",
            f"findings: {len(tally.findings)}",
        ]
    )


def _exit_code(findings: Sequence[Finding], complaints: Sequence[str], reproducer: Path) -> int:
    if findings:
        lines = []
        for what, count in Counter(finding.what for finding in findings).most_common():
            print(f"WRONG, {count} times: {what}")
        for finding in findings:
            lines += [f"# {finding.what}".replace("\n", " "), *(message.hex() for message in finding.messages), ""]
        reproducer.write_text("\n".join(lines), encoding="utf-8")
        print(f"the messages are in {reproducer}")
    return 1 if findings or complaints else 0


def _replayed(target: Target, file: Path) -> int:
    """Send the messages of a reproducer again, each over a connection of its own; whether anything is wrong now."""
    wrong = 0
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            print(line)
            continue
        client = Client(target, Seeds({}, []), 0, 0)
        outcome = client.opened().exchange(bytes.fromhex(line), timeout=PATIENCE).response
        client.close()
        fault = judged(outcome).fault if isinstance(outcome, bytes) else str(outcome)
        print(f"  {len(line) // 2} bytes: {fault or 'in order'}")
        wrong += bool(fault)
    return 1 if wrong else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--count", type=int, default=50_000, help="messages to send (50000)")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations (1)")
    parser.add_argument("--clients", type=int, default=3, help="that send at once (3)")
    parser.add_argument("--seconds", type=float, default=86_400, help="to stop after, for each of the two parts of the run")
    parser.add_argument("--most-growth", type=int, default=128, help="MiB that the server's memory may grow after a tenth of the run (128)")
    parser.add_argument("--oasis", type=Path, help="a folder of OASIS's published test cases, to begin with more messages")
    parser.add_argument("--reproducer", type=Path, default=Path("fuzz-findings.txt"), help="where the messages go that show what is wrong")
    parser.add_argument("--replay", type=Path, help="send the messages of such a file again, and nothing else")
    parser.add_argument("--target", help="HOST:PORT of another server, with --ca, --cert and --key")
    parser.add_argument("--ca", type=Path)
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--pid", type=int, help="the target's process on this machine, to watch its memory")
    return parser.parse_args(arguments)


def _say(text: str, *, again: bool = False) -> None:
    end = "\r" if again and sys.stderr.isatty() else "\n"
    print(text, end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
