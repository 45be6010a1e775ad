"""A realistic run to render: 150 checks over five KMIP versions with every verdict, made the same every time.

``python report_samples.py FOLDER`` writes it as a result folder, with its report, to look at.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

from kmip_reports.records import (
    Attempt,
    CheckRecord,
    Citation,
    Exchange,
    Finding,
    Level,
    Run,
    RunFooter,
    RunHeader,
    Step,
    Verdict,
    count,
    write_line,
)
from sample_texts import HEX, MASKED_HEX, MASKED_TREE, TREE

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
CLAUSES = {
    "ttlv": ("9.1.1.4 Item Value", "9.1.1.2 Item Type", "9.1.1.3 Item Length"),
    "messages": ("6.1 Protocol Version", "6.4 Unique Batch Item ID", "6.14 Batch Order Option", "7.1 Message Structure"),
    "create": ("4.1 Create", "3.19 Cryptographic Usage Mask"),
    "register": ("4.3 Register",),
    "get": ("4.11 Get", "2.1.3 Key Block"),
    "locate": ("4.9 Locate",),
    "activate": ("4.19 Activate",),
    "revoke": ("4.20 Revoke", "3.31 Revocation Reason"),
    "destroy": ("4.21 Destroy", "3.22 State"),
    "query": ("4.25 Query",),
    "check": ("4.10 Check",),
    "lifecycle": ("3.22 State",),
    "attributes": ("3 Attributes", "4.14 Add Attribute", "4.15 Modify Attribute"),
    "tls": ("KMIP Profiles 3.1 Basic Authentication Suite",),
    "vmware": (),
    "robustness": ("11.1 General",),
}
RULES = {
    "refuses-{}": "{} is refused where the object's state forbids it",
    "echoes-{}": "{} echoes the Unique Batch Item ID byte for byte",
    "answers-{}": "{} answers Success with the Unique Identifier of the object",
    "unknown-object-{}": "{} of an object that is not there fails with Item Not Found",
    "placeholder-{}": "{} without a Unique Identifier uses the ID Placeholder",
    "missing-field-{}": "{} without a required field fails with Invalid Message",
    "extra-field-{}": "{} ignores fields that its version does not know",
    "time-stamp-{}": "{} carries a Time Stamp in its response header",
    "usage-mask-{}": "{} honours the Cryptographic Usage Mask",
    "count-{}": "{} reports a Batch Count equal to the number of items",
}
SUBJECTS = {
    "ttlv": "a Text String",
    "messages": "a batch",
    "lifecycle": "an active object",
    "attributes": "a custom attribute",
    "tls": "a handshake",
}
SCENARIO = (
    ("vCenter opens a TLS connection with its own certificate", "observed"),
    ("Discover Versions asks for 1.0 to 1.2 and takes the highest answer", "observed"),
    ("Query asks for Operations and Objects", "reported"),
    ("Create makes a 256-bit AES key with mask Encrypt, Decrypt", "observed"),
    ("Add Attribute names the key x-VMware-VM", "reported"),
    ("Get fetches the key for the host", "observed"),
    ("the host closes without close_notify", "inferred"),
)
HEADER = RunHeader(
    started_at="2026-11-20T09:30:00Z",
    tool="kmiplab 0.1.0",
    target={
        "name": "Example KMS",
        "address": "kms.example.com:5696",
        "vendor": "Example Corp. KMS 8.4.1 (build 2207)",
        "kmip_versions": list(VERSIONS),
        "operations": [
            "Create",
            "Register",
            "Get",
            "Get Attributes",
            "Locate",
            "Activate",
            "Revoke",
            "Destroy",
            "Query",
            "Add Attribute",
            "Check",
        ],
        "optional_operations": [
            "Create Key Pair",
            "Register",
            "Check",
            "Re-key",
            "Derive Key",
            "Certify",
            "Archive",
            "Recover",
            "Add Attribute",
            "Poll",
        ],
        "tls": {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384"},
    },
    selection={
        "kmip_versions": list(VERSIONS),
        "profiles": ["baseline"],
        "select": [],
        "strict": False,
        "jobs": 2,
        "baseline": "known.toml",
    },
    command="kmiplab check --target kms.example.com:5696 --ca ca.pem --cert client.pem --key client.key",
)


def sample_run(*, complete: bool = True) -> Run:
    """The run. Without ``complete`` its second half and its footer are missing, as after a kill."""
    rng = random.Random(20261120)  # the same run every time
    checks = [_check(rng, family, template, title) for family in CLAUSES if family != "vmware" for template, title in RULES.items()]
    checks += _scenarios()
    if not complete:
        return Run(HEADER, checks[: len(checks) // 2])
    planned = {family: sum(check.family == family for check in checks) for family in CLAUSES}
    footer = RunFooter("2026-11-20T09:30:41Z", 41.27, 1, count(checks), ("the liveness probe after the run was answered in 1.2 ms",))
    return Run(replace(HEADER, selection=HEADER.selection | {"planned": planned}), checks, footer)


def small_run() -> Run:
    """One check for each verdict, one of each standing in the baseline, and a scenario: small enough to read as a golden file."""
    run = sample_run()
    wanted: dict[object, CheckRecord] = {}
    for check in run.checks:
        if check.family != "vmware":
            wanted.setdefault(check.baseline or check.verdict, check)
    checks = [*wanted.values(), *(check for check in run.checks if check.id.endswith((".powers-on-a-vm", ".health-check")))]
    planned = {family: sum(check.family == family for check in checks) for family in CLAUSES}
    footer = RunFooter("2026-11-20T09:30:05Z", 5.5, 1, count(checks), run.footer.notes if run.footer else ())
    return Run(replace(HEADER, selection=HEADER.selection | {"planned": planned}), checks, footer)


def a_check(**changed: object) -> CheckRecord:
    """One failing check, with whatever is to be different about it."""
    finding = Finding(
        "A Destroy of an object in state Active fails.",
        ("Operation Failed, Wrong Key Lifecycle State", "Operation Failed, Permission Denied"),
        "Success; the object is gone",
    )
    attempts = tuple(Attempt(version, Verdict.FAIL, 0.01, "", finding, (exchange(),)) for version in VERSIONS)
    fields: dict[str, object] = {
        "id": "destroy.active-object-refused",
        "title": "Destroy of an active object is refused",
        "family": "destroy",
        "level": Level.MUST,
        "citations": (Citation("KMIP 1.4", "4.21 Destroy", "If the object is in Active state it SHALL be Revoked first."),),
        "attempts": attempts,
        "replay": f"{HEADER.command} --select destroy.active-object-refused",
    }
    return CheckRecord(**{**fields, **changed})  # type: ignore[arg-type]


def exchange() -> Exchange:
    """A request, and an answer with masked key material."""
    return Exchange("Destroy", HEX, TREE, MASKED_HEX, MASKED_TREE, "", 1.284)


def _check(rng: random.Random, family: str, template: str, title: str) -> CheckRecord:
    subject = SUBJECTS.get(family, family.title())
    check_id = f"{family}.{template.format(subject.removeprefix('a ').removeprefix('an ').lower().replace(' ', '-'))}"
    level = rng.choices(list(Level), weights=(14, 3, 1))[0]
    verdict = Verdict.UNSUPPORTED if family == "check" else _verdict(rng, level)
    attempts = tuple(_attempt(rng, version, verdict if rng.random() < 0.7 else Verdict.PASS, family) for version in VERSIONS)
    if verdict is Verdict.UNSUPPORTED:
        attempts = tuple(_attempt(rng, version, verdict, family) for version in VERSIONS)
    baseline = rng.choice(("", "", "expected", "changed")) if verdict is Verdict.FAIL else ""
    return a_check(
        id=check_id,
        title=title.format(subject[0].upper() + subject[1:]),
        family=family,
        level=level,
        citations=(Citation("KMIP 1.4", rng.choice(CLAUSES[family]), "The server SHALL return an error." if rng.random() < 0.4 else ""),),
        attempts=attempts,
        profiles=("baseline",) if rng.random() < 0.5 else (),
        baseline="stale" if verdict is Verdict.PASS and rng.random() < 0.02 else baseline,
        baseline_note="vendor ticket KMS-1234, until 2027-03-01" if baseline else "",
        mutants=("wrong-reason", "swallows-batch-item"),
        replay=f"{HEADER.command} --select {check_id}",
    )


def _verdict(rng: random.Random, level: Level) -> Verdict:
    weights = {Verdict.PASS: 80, Verdict.FAIL: 8, Verdict.NON_STRICT: 4, Verdict.SKIPPED: 4, Verdict.ERROR: 1, Verdict.UNSUPPORTED: 1}
    verdict = rng.choices(list(weights), weights=list(weights.values()))[0]
    return Verdict.NON_STRICT if verdict is Verdict.FAIL and level is not Level.MUST else verdict


def _attempt(rng: random.Random, version: str, verdict: Verdict, family: str) -> Attempt:
    reasons = {
        Verdict.NON_STRICT: "the answer was General Failure; Invalid Field would say more",
        Verdict.UNSUPPORTED: f"Query lists no {family.title()}, and the server refuses it with Operation Not Supported",
        Verdict.SKIPPED: "no second client certificate was given (--other-cert, --other-key)",
        Verdict.ERROR: "the connection was reset while the check prepared its object",
    }
    finding = a_check().attempts[0].finding if verdict is Verdict.FAIL else None
    return Attempt(
        version,
        verdict,
        rng.uniform(0.001, 0.04),
        reasons.get(verdict, ""),
        finding,
        () if verdict is Verdict.SKIPPED else (exchange(),),
    )


def _scenarios() -> list[CheckRecord]:
    checks = []
    for number, name in enumerate(
        ("encrypts-a-vm", "powers-on-a-vm", "health-check", "reboots-a-host", "rekeys-a-cluster", "removes-a-key")
    ):
        fails = name == "powers-on-a-vm"
        verdicts = [
            Verdict.FAIL if fails and index == 5 else Verdict.SKIPPED if fails and index > 5 else Verdict.PASS
            for index in range(len(SCENARIO))
        ]
        steps = tuple(
            Step(title, mark, verdict, "answered in 1.3 ms" if verdict is Verdict.PASS else "")
            for (title, mark), verdict in zip(SCENARIO, verdicts, strict=True)
        )
        finding = (
            Finding("Get of an active key answers Success.", ("Success with a Symmetric Key",), "Operation Failed, Permission Denied")
            if fails
            else None
        )
        attempt = Attempt("1.2", Verdict.FAIL if fails else Verdict.PASS, 0.2 + number / 10, "", finding, (exchange(),) * 3, steps)
        check_id = f"vmware.vcenter-8.0.2.{name}"
        checks.append(
            a_check(
                id=check_id,
                title=f"vCenter 8.0.2 {name.replace('-', ' ')}",
                family="vmware",
                citations=(),
                attempts=(attempt,),
                replay=f"{HEADER.command} --select {check_id}",
            )
        )
    return checks


def many_checks(number: int) -> Run:
    """A run of this many checks, each over all versions with three exchanges: what a page must stay quick with."""
    run = sample_run()
    checks = [
        replace(
            check,
            id=f"{check.id}-{at}",
            attempts=tuple(
                replace(attempt, transcript=tuple(replace(exchange(), title=f"{at} {n}") for n in range(3))) for attempt in check.attempts
            ),
        )
        for at, check in enumerate((run.checks * (number // len(run.checks) + 1))[:number])
    ]
    return replace(run, checks=checks)


def write_folder(folder: Path, run: Run) -> None:
    """Write run.jsonl as the suite does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.jsonl").open("w", encoding="utf-8") as stream:
        write_line(stream, "header", run.header)
        for check in run.checks:
            write_line(stream, "check", check)
        if run.footer:
            write_line(stream, "footer", run.footer)


def main() -> None:
    from kmip_reports.render import write_report

    folder = Path(sys.argv[1])
    run = sample_run(complete="--incomplete" not in sys.argv)
    write_folder(folder, run)
    write_report(run, folder)


if __name__ == "__main__":
    main()
