"""What the tests of the reference server cover, for docs/coverage.md: operations × versions, attributes × rules, operations × reasons.

What was seen is in the server's ``tests/evidence.csv`` (see ``evidence.py`` there, which also says how the file is made and how tests are
held to it), what the standard lists in ``coverage_data``. What has no test has a sentence here; `gaps` finds what has neither.
"""

from __future__ import annotations

import csv
import importlib.util
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kmip_conformance.tables import words
from kmip_conformance.tables.names import Operation as SuiteOperation
from kmip_conformance.tables.names import ResultReason as SuiteReason
from kmip_server import operations as _  # noqa: F401 - importing the families fills the table of operations
from kmip_server.attributes import Origin, Permission, rules_by_name
from kmip_server.enums import Operation
from kmip_server.operations.table import offer_of
from kmip_server.personality import REFERENCE
from kmip_server.versions import V1_4, V2_1, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_server.attributes import AttributeRule

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "server_under_test" / "tests"
DATA = Path(__file__).parent / "coverage_data"

NOT_OFFERED = {
    "Notify": "the server's to send, and no client's: `../test_server_to_client.py`",
    "Put": "the server's to send, and no client's: `../test_server_to_client.py`",
}
"""Operations that the reference server does not perform for clients, and why."""

AS_BESIDE = "as beside"
"""A version whose rows of an operation are the same as those beside it, and are performed by the same lines."""

TESTED_AS = {
    "Re-certify": AS_BESIDE,
    "Cancel": AS_BESIDE,
    "Poll": AS_BESIDE,
    "Create Split Key": AS_BESIDE,
    "Join Split Key": AS_BESIDE,
    "Logout": AS_BESIDE,
    "Set Endpoint Role": "`../test_turned.py`",
    "Re-Provision": "`../test_provisioning.py`",
}
"""Operations without a test of the engine in every version, and what stands for it."""

FINER = "Object Not Found instead, which 2.x has for objects (2.1, 11.46)"
OF_BIRTH = "attributes of new objects are looked at in one place for all operations: `test_refusals_by_kind.py`, `test_keys.py`"
OF_STORAGE = "masks are looked at in one place for all operations: `test_standing_rules.py`, `test_demands.py`"
ALL_OF_IT = (
    "nothing that a request may ask of it is left out; a critical extension that is not known is an Unknown Message Extension in 2.x"
)

EVERYWHERE = {
    "Attestation Failed": "no operation of this server asks for attestation: a client is known by its certificate",
    "Attestation Required": "no operation of this server asks for attestation: a client is known by its certificate",
    "Application Namespace Not Supported": "every namespace is taken, and Application Data is made up where a client leaves it out",
    "Response Too Large": "told by the engine, whatever the operation: `test_messages.py::test_an_answer_that_is_too_large_fails`",
    "Index Out of Bounds": "one limit for the instances of every attribute: `test_attributes.py`",
    "Server Limit Exceeded": "one limit for the instances of every attribute: `test_attributes.py`",
    "Feature Not Supported": ALL_OF_IT,
    "Cryptographic Failure": "nothing fails in the library once the parameters are accepted",
    "Encoding Option Error": "a key that comes wrapped is kept with the Encoding Option that it came with, whichever it is",
    "Attribute Single Valued": OF_BIRTH,
    "Invalid Attribute": OF_BIRTH,
    "Invalid Attribute Value": OF_BIRTH,
    "Non Unique Name Attribute": OF_BIRTH,
    "Protection Storage Unavailable": OF_STORAGE,
    "Private Protection Storage Unavailable": OF_STORAGE,
    "Public Protection Storage Unavailable": OF_STORAGE,
    "Item Not Found": FINER,
    "Missing Initialization Vector": "Invalid Message instead, which OASIS's case CS-BC-M-11 expects in every version",
    "Usage Limit Exceeded": "Permission Denied instead, which OASIS's case CS-BC-M-7 expects in every version",
    "Key Wrap Type Not Supported": "both Key Wrap Types are supported",
}
"""Result Reasons that are the same for all operations, where no test of the operation itself has them."""

BY_ITSELF: dict[tuple[str, str], str] = {
    ("Import", "Attribute Read Only"): "Import takes what only a server sets, too: the object comes from another one (2.1, 6.1.25)",
    ("Create Split Key", "Bad Cryptographic Parameters"): "numbers of parts that make no sense are an Invalid Field",
    ("Join Split Key", "Bad Cryptographic Parameters"): "parts that do not belong together are a Cryptographic Failure",
    ("Export", "Bad Cryptographic Parameters"): "wrapping is done in one place for Get and Export: `test_key_wrapping.py`",
    ("Sign", "Bad Cryptographic Parameters"): "parameters that are not to be had are Unsupported Cryptographic Parameters",
    ("Signature Verify", "Bad Cryptographic Parameters"): "parameters that are not to be had are Unsupported Cryptographic Parameters",
    (
        "Register",
        "Bad Password",
    ): "what is registered is not opened; Get of a PKCS#12 container needs the password: `test_certification.py`",
    ("Re-key Key Pair", "Illegal Operation"): "what is no private key is refused as Permission Denied, as Re-key refuses (1.4, 11.5)",
    ("PKCS#11", "Invalid Asynchronous Correlation Value"): "it is answered at once, and takes no such value",
    ("Delete Attribute", "Invalid Attribute"): "an attribute that the object cannot have is one that it has not: Attribute Not Found",
    ("Get Attributes", "Invalid Attribute"): "an attribute that does not exist cannot be referred to in 2.x: an Invalid Field",
    ("Locate", "Invalid Attribute"): "an attribute that does not exist cannot be written in 2.x: an Invalid Field",
    ("Activate", "Invalid Object Type"): "every object has a State in 2.x (2.1, 4.57)",
    ("Revoke", "Invalid Object Type"): "every object has a State in 2.x (2.1, 4.57)",
    ("Register", "Invalid Object Type"): "objects of every type can be registered; one of another type than it says is an Invalid Field",
    ("Get Usage Allocation", "Invalid Object Type"): "an object that cannot be used has no Usage Limits: Attribute Not Found",
    ("Get Constraints", "Invalid Object Type"): "there are constraints for objects of every type",
    ("Set Constraints", "Invalid Object Type"): "there are constraints for objects of every type",
    ("Set Defaults", "Invalid Object Type"): "there are defaults for objects of every type",
    ("Re-key Key Pair", "Key Value Not Present"): "the new pair needs nothing of the old one but its attributes",
    ("Export", "Permission Denied"): "every client may export its own objects; those of others are not found (docs/decisions/0007)",
    ("Create", "Read Only Attribute"): "Attribute Read Only instead, which the same table has with the same words",
    ("Create", "Unsupported Attribute"): "every attribute of the standard is supported",
    ("Create Split Key", "Unsupported Cryptographic Parameters"): "all four methods of splitting are supported",
    ("Join Split Key", "Unsupported Cryptographic Parameters"): "all four methods of splitting are supported",
    ("Derive Key", "Unsupported Cryptographic Parameters"): "parameters that a method does not take are Bad Cryptographic Parameters",
    ("Adjust Attribute", "Wrong Key Lifecycle State"): "what can be adjusted are numbers, and no State forbids that",
    ("Delete Attribute", "Wrong Key Lifecycle State"): "what can be deleted can be deleted in every State",
    **{
        (operation, "Object Archived"): "its attributes can be read: nobody could read the Archive Date otherwise (1.4, 3.32)"
        for operation in ("Get Attributes", "Get Attribute List")
    },
    **{
        (operation, "Object Archived"): "a Template that is named is looked up in one place for all operations: `test_objects.py`"
        for operation in ("Create", "Create Key Pair", "Create Split Key", "Register")
    },
}
"""Operation and Result Reason → why it does not occur, or where else it does."""


class Reason(NamedTuple):
    """A Result Reason that the standard lists for an operation: in the tables of ``1.x`` or ``2.x``."""

    operation: str
    versions: str
    reason: str


def sections() -> list[str]:
    """The three tables."""
    return ["# What the tests of the reference server cover\n", HEAD, *_operations(), *_attributes(), *_reasons()]


HEAD = """Three tables, from the server's own tables and from what its tests were seen to do. A test that is named here fails when it does
so no more. `test_….py::…` are in `server_under_test/tests/engine`.
"""


# --- operations × versions


def _operations() -> list[str]:
    versions = [str(version) for version in VERSIONS]
    lines = [
        "## Operations × versions\n",
        "In how many test functions it succeeds · how many published cases of OASIS ask for it; – where the version has it not.\n",
        f"| operation | {' | '.join(versions)} |",
        "|" + "---|" * (len(versions) + 1),
    ]
    lines += [f"| {words(SuiteOperation(operation))} | {' | '.join(_cells(operation))} |" for operation in published()]
    return [*lines, ""]


def published() -> list[Operation]:
    """The operations of the published versions."""
    return [operation for operation in Operation if operation.since <= V2_1]


def _cells(operation: Operation) -> Iterator[str]:
    name = words(SuiteOperation(operation))
    for version in VERSIONS:
        tests, cases = successes().get((operation.name, str(version)), 0), _cases().get((name, str(version)), 0)
        if not operation.exists_in(version):
            yield "–"
        elif offer_of(operation, version, REFERENCE) is None:
            yield NOT_OFFERED.get(name, "**not offered**")
        else:
            yield f"{tests or TESTED_AS.get(name, '**no test**')} · {cases}"


# --- attributes × rules

COLUMNS = ("always", "set by", "modified by clients", "deleted by clients", "several", "set implicitly")


def _attributes() -> list[str]:
    lines = [
        "## Attributes × rules\n",
        "✔: `test_attribute_rules.py` holds the row to the documents, and `test_attribute_behaviour.py` the server to the row.\n",
        f"| attribute | {' | '.join(COLUMNS)} |",
        "|" + "---|" * (len(COLUMNS) + 1),
    ]
    lines += [f"| {rule.name} | {' | '.join(_rule_cells(rule))} |" for rule in _rules()]
    return [*lines, ""]


def _rules() -> list[AttributeRule]:
    rules = {**rules_by_name(V1_4), **rules_by_name(V2_1)}
    return [rules[name] for name in sorted(rules)]


def _rule_cells(rule: AttributeRule) -> Iterator[str]:
    elsewhere = tables().ELSEWHERE.get(rule.name)
    mark = "" if elsewhere else " ✔"
    yield ("yes" if rule.always else "no") + mark
    yield {Origin.SERVER: "server", Origin.CREATION: "server, from the request", Origin.CLIENT: "client"}[rule.origin] + mark
    yield _permission(rule.modifiable) + mark
    yield _permission(rule.deletable) + mark
    yield ("yes" if rule.multiple else "no") + mark
    yield elsewhere or _implicit(rule.name) + mark


def _permission(permission: Permission) -> str:
    return {Permission.NEVER: "never", Permission.ALWAYS: "yes"}.get(permission, permission.value)


def _implicit(name: str) -> str:
    if name in tables().SET_BY_STATE:
        return f"when the object is {tables().SET_BY_STATE[name].lower()}"
    return "at creation" if name in tables().SET_AT_CREATION else "no, but handed on to replacements"


# --- operations × result reasons


def _reasons() -> list[str]:
    lines = [
        "## Operations × Result Reasons\n",
        "What the error tables list for each operation (1.0–1.4, section 11; 2.0 and 2.1, 6.1): a test in which it occurs, or why not.\n",
        "| operation | Result Reason | 1.x | 2.x |",
        "|---|---|---|---|",
    ]
    listed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in reasons():
        listed[one.operation, one.reason].add(one.versions)
    for (operation, reason), versions in sorted(listed.items()):
        cells = [told(Reason(operation, which, reason)) or "**nothing**" if which in versions else "–" for which in ("1.x", "2.x")]
        lines.append(f"| {operation} | {reason} | {' | '.join(cells)} |")
    return [*lines, ""]


def told(one: Reason) -> str | None:
    """The test in which it occurs, or the sentence why it does not; None when there is neither."""
    test = _witness().get(one)
    if test is not None:
        return f"`{test}`"
    return NOT_OFFERED.get(one.operation) or BY_ITSELF.get((one.operation, one.reason)) or EVERYWHERE.get(one.reason)


def gaps() -> list[str]:
    """What has neither a test nor a sentence: nothing, if the page is whole."""
    missing = [" / ".join(one) for one in reasons() if told(one) is None]
    untested = [operation.name for operation in published() if any("**" in cell for cell in _cells(operation))]
    return [*missing, *(f"{name}: no test in a version that has it" for name in untested)]


def idle() -> list[str]:
    """Sentences that no cell shows any more."""
    shown = {told(one) for one in reasons()}
    cells = " ".join(cell for operation in published() for cell in _cells(operation))
    idle_names = [name for name, text in TESTED_AS.items() if text not in cells]
    return [*idle_names, *(f"{key}: {text}" for key, text in (*EVERYWHERE.items(), *BY_ITSELF.items()) if text not in shown)]


@cache
def reasons() -> list[Reason]:
    """What the standard lists."""
    return [Reason(row["operation"], row["versions"], row["reason"]) for row in _rows(DATA / "reasons.csv")]


@cache
def successes() -> dict[tuple[str, str], int]:
    """In how many test functions an operation succeeds, by its name and version."""
    found = (row for row in _rows(TESTS / "evidence.csv") if row["result"] == "SUCCESS")
    return {(row["operation"], row["version"]): int(row["tests"]) for row in found}


@cache
def _witness() -> dict[Reason, str]:
    operations = {operation.name: words(SuiteOperation(operation)) for operation in Operation if operation in set(SuiteOperation)}
    names = {reason.name: words(reason) for reason in SuiteReason}
    found: dict[Reason, str] = {}
    for row in _rows(TESTS / "evidence.csv"):
        if row["result"] in names:
            which = "1.x" if row["version"] < "2" else "2.x"
            found.setdefault(Reason(operations[row["operation"]], which, names[row["result"]]), row["test"].partition("[")[0])
    return found


@cache
def _cases() -> dict[tuple[str, str], int]:
    return {(row["operation"], row["version"]): int(row["cases"]) for row in _rows(DATA / "cases.csv")}


@cache
def tables() -> Any:
    """The tables beside the test of the attributes."""
    spec = importlib.util.spec_from_file_location("attribute_evidence", TESTS / "attribute_evidence.py")
    assert spec is not None and spec.loader is not None  # noqa: PT018 - for the type checker
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
