"""Makes the suite's tables of the standard (``kmip_conformance/tables/data/*.csv``) and the names that mypy sees (``names.pyi``).

Run once a new version of the standard is taken in; the result is committed and read by people::

    python conformance/tools/make_tables.py SPECIFICATIONS TESTCASES

SPECIFICATIONS holds the registry (``registry-1.0-2.1.json``: version → table → name → number), the rule table of the attributes, the
payload tables, and the plain texts of the specifications; TESTCASES the published XML test cases. Only names, numbers, versions and
clauses are taken.

What a table misses is put right here, in the open: `RENAMED`, `ENUMERATION_OF_TAG` and `TYPES_BY_HAND` say what and why.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
TABLES = HERE.parent / "kmip_conformance" / "tables"
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1")

RENAMED = {
    "(PGP": "PGP",  # a bracket of 2.0's text
    "MFG1": "MGF1",  # misprint in 2.0 and 2.1; 1.4 and the test cases say MGF1
    "Object archived": "Object Archived",
    "SHA-3-224": "SHA3-224",
    "SHA-3-256": "SHA3-256",
    "SHA-3-384": "SHA3-384",
    "SHA-3-512": "SHA3-512",
    "Polynomial Sharing GF(216)": "Polynomial Sharing GF(2^16)",  # the superscript is lost in plain text
    "Polynomial Sharing GF (216)": "Polynomial Sharing GF(2^16)",
    "Polynomial Sharing GF (28)": "Polynomial Sharing GF(2^8)",
    "Content Commitment (Non Repudiation)": "Content Commitment",
    "Recommended Curve Enumeration for ECDSA, ECDH, and ECMQV": "Recommended Curve",  # the enumeration's name in 1.0 and 1.1
}
ENUMERATION_OF_TAG = {
    # tags whose enumeration has another name, and tags that share one
    "Mask Generator Hashing Algorithm": "Hashing Algorithm",
    "Attribute Reference": "Tag",
    "Cryptographic Usage Mask": "Cryptographic Usage Mask",
    "Storage Status Mask": "Storage Status Mask",
    "Protection Storage Mask": "Protection Storage Mask",
}
SERVER_TO_CLIENT_ONLY = {"Notify": "KMIP 1.4, 5.1", "Put": "KMIP 1.4, 5.2"}
TYPE_NAMES = (
    "Structure",
    "Integer",
    "Long Integer",
    "Big Integer",
    "Enumeration",
    "Boolean",
    "Text String",
    "Byte String",
    "Date Time",
    "Interval",
    "Date Time Extended",
    "Identifier",
    "Reference",
    "Name Reference",
)
SINCE_OF_TYPE = {"Date Time Extended": "2.0", "Identifier": "3.0", "Reference": "3.0", "Name Reference": "3.0"}
DRAFT = "3.0"
DRAFT_CLAUSE = "KMIP 3.0 csd01, Enumerations"
TYPES_BY_HAND = {
    # tags that no structure table and no test case types, from the prose of their clauses
    "Attribute Value": TYPE_NAMES[:10],  # 1.4, 2.1.1: the type depends on the attribute; custom attributes may have any
    "Custom Attribute": TYPE_NAMES[:10],  # 1.4, 3.39
    "Replaced Unique Identifier": ("Text String",),  # 1.4, 5.2 Put
    "Validity Date": ("Date Time",),  # 1.4, 4.23 Validate
    "Comment": ("Text String",),  # 1.4, 3.47
    **dict.fromkeys(
        ("Server Name", "Server Serial Number", "Server Version", "Server Load", "Product Name"), ("Text String",)
    ),  # 2.1, 7.32
    **dict.fromkeys(("Build Level", "Build Date", "Cluster Info", "Alternate Failover Endpoints"), ("Text String",)),  # 2.1, 7.32
    "Tag": ("Enumeration",),  # 2.1, 7.8 Defaults and 6.1.1
    "Certificate Request Unique Identifier": ("Text String",),  # 2.1, 6.1.6 Certify
    "Endpoint Role": ("Enumeration",),  # 2.1, 11.19
    "Ephemeral": ("Boolean",),  # 2.1, 8.3
    "Server Hashed Password": ("Byte String",),  # 2.1, 8.5
    "Adjustment Type": ("Enumeration",),  # 2.1, 11.1
    "Adjustment Value": ("Integer", "Long Integer", "Big Integer", "Interval"),  # 2.1, 6.1.2
    "Common Protection Storage Masks": ("Structure",),  # 2.1, 6.1.9
    "Private Protection Storage Masks": ("Structure",),
    "Public Protection Storage Masks": ("Structure",),
}
ANY_OBJECT = "(Managed Object)"  # the payload tables list the objects' names in one row
NOT_A_NAME = {"(Reserved)", "Reserved"}
MASKS = {"Cryptographic Usage Mask", "Storage Status Mask", "Protection Storage Mask"}


def main() -> None:
    specifications, test_cases = map(Path, sys.argv[1:3])
    registry = read_registry(specifications / "registry-1.0-2.1.json")
    registry["Tag"] |= read_tags_with_0x(specifications)
    take_in_the_draft(registry, specifications / "enums-3.0.csv")
    clauses = read_clauses(specifications)
    types = read_types(specifications, test_cases) | TYPES_BY_HAND
    enumerations = {name: table for name, table in registry.items() if name != "Tag"}
    enumerations["Item Type"] = {name: (number, SINCE_OF_TYPE.get(name, "1.0"), "") for number, name in enumerate(TYPE_NAMES, 1)}
    write_tags(registry["Tag"], enumerations, types, clauses)
    write_enumerations(enumerations, clauses)
    write_attributes(specifications / "attribute-rules.csv", types, enumerations)
    write_operations(specifications / "operation-payload-fields.csv", enumerations["Operation"])
    write_payloads(specifications / "operation-payload-fields.csv", set(registry["Tag"]))
    write_stub(registry["Tag"], enumerations)


Entry = tuple[int, str, str]
"""Number, since, until (the last version that has it; empty when 2.1 has it)."""


def read_registry(path: Path) -> dict[str, dict[str, Entry]]:
    """All enumerations with the versions of each value."""
    seen: dict[str, dict[str, tuple[int, list[str]]]] = defaultdict(dict)
    for version, tables in json.loads(path.read_text()).items():
        for table, rows in tables.items():
            enumeration = "Tag" if table == "Tags" else tidy(table.removesuffix(" Enumeration"))
            for name, number in rows.items():
                if name not in NOT_A_NAME:
                    seen[enumeration].setdefault(tidy(name), (int(number, 16), []))[1].append(version)
    return {enumeration: {name: entry(number, versions) for name, (number, versions) in rows.items()} for enumeration, rows in seen.items()}


def read_tags_with_0x(specifications: Path) -> dict[str, Entry]:
    """The thirteen tags at the end of 2.1's table (11.56), which the registry misses: their numbers are printed with 0x there."""
    rows = re.findall(r"^\| ([A-Z][\w ]+) \| 0x(4201[0-9A-F]{2})", texts(specifications)["2.1"], re.MULTILINE)
    return {name: (int(number, 16), "2.1", "") for name, number in rows}


def take_in_the_draft(registry: dict[str, dict[str, Entry]], path: Path) -> None:
    """What the draft of 3.0 adds. Its table is a copy that lost blanks here and there: where a number is known, its name stays."""
    with path.open(newline="") as stream:
        for row in csv.DictReader(stream):
            digits = row["value"].removeprefix("0x")
            is_number = re.fullmatch("[0-9A-Fa-f]{6,8}", digits)
            if not is_number or row["enumeration_name"] in NOT_A_NAME | {"(Unused)"}:
                continue
            values = registry.setdefault(row["enumeration_category"], {})
            if int(digits, 16) not in {number for number, _, _ in values.values()} and row["enumeration_category"] != "Item Type":
                values[row["enumeration_name"]] = (int(digits, 16), DRAFT, "")


def entry(number: int, versions: list[str]) -> Entry:
    """A row that one 1.x table leaves out although an earlier one has it is only marked deprecated there: 1.x never took a number away."""
    last = max(versions, key=VERSIONS.index)
    until = "" if last == "2.1" else "1.4" if last < "2" else last
    return number, versions[0], until


def clause_of(since: str, clause: str) -> str:
    return DRAFT_CLAUSE if since == DRAFT else clause


def tidy(name: str) -> str:
    name = RENAMED.get(name, name)
    return re.sub(r" \(PKCS#1 v[\d.]+\)$", "", name)


def texts(specifications: Path) -> dict[str, str]:
    return {version: next(specifications.glob(f"kmip-spec-*{version}-os.txt")).read_text() for version in VERSIONS}


def read_clauses(specifications: Path) -> dict[str, str]:
    """Enumeration → "KMIP 1.4, 9.1.3.2.27", of the newest version that defines it (1.4 before 2.x, for that is what 1.x checks cite)."""
    clauses: dict[str, str] = {}
    for version in ("2.0", "2.1", "1.0", "1.1", "1.2", "1.3", "1.4"):
        for number, title in re.findall(r"^#+ ((?:9\.1\.3|1[12])[.\d]*) (.+)$", texts(specifications)[version], re.MULTILINE):
            clauses[tidy(title.strip().removesuffix(" Enumeration"))] = f"KMIP {version}, {number}"
    clauses["Tag"] = clauses["Tags"]
    clauses["Item Type"] = "KMIP 1.4, 9.1.1.2"
    return clauses


def read_types(specifications: Path, test_cases: Path) -> dict[str, Sequence[str]]:
    """Tag name → its item types, as the structure tables and the test cases have them."""
    found: dict[str, set[str]] = defaultdict(set)
    names = "|".join(sorted(TYPE_NAMES, key=len, reverse=True)).replace("Date Time", "Date[- ]Time")
    row = re.compile(rf"^\| ([A-Z][\w#./ -]*?)(?:, see [^|]*)? \| ((?:{names})(?:,? or (?:{names}))*)\b", re.MULTILINE)
    for text in texts(specifications).values():
        for name, types in row.findall(text):
            found[name] |= {kind.replace("Date-Time", "Date Time") for kind in re.findall(names, types)}
    published = types_of_tokens(test_cases, "v[12].*/**/*.xml")
    registry = read_registry(specifications / "registry-1.0-2.1.json")
    names_of_tags = registry["Tag"] | read_tags_with_0x(specifications)
    all_names = dict(names_of_tags)
    take_in_the_draft({"Tag": all_names}, specifications / "enums-3.0.csv")
    drafted = types_of_tokens(test_cases, "v3.*/**/*.xml")
    of_cases = {name: (published if name in names_of_tags else drafted).get(key(name), set()) for name in all_names}
    return {name: sorted(found[name] | kinds, key=TYPE_NAMES.index) for name, kinds in of_cases.items()}


def types_of_tokens(test_cases: Path, pattern: str) -> dict[str, set[str]]:
    """Element name, small and without symbols → the types that test cases give it."""
    element = re.compile(r"<([A-Za-z]\w*)((?:\s+\w+=\"[^\"]*\")*)\s*/?>")
    tokens: dict[str, set[str]] = defaultdict(set)
    for path in test_cases.glob(pattern):
        for token, attributes in element.findall(path.read_text(errors="replace")):
            kind = re.search(r'type="(\w+)"', attributes)
            tokens[key(token)].add(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.group(1) if kind else "Structure"))
    return tokens


def key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def write_tags(
    tags: dict[str, Entry], enumerations: dict[str, dict[str, Entry]], types: dict[str, Sequence[str]], clauses: dict[str, str]
) -> None:
    rows = []
    for name, (number, since, until) in sorted(tags.items(), key=lambda item: item[1][0]):
        enumeration = ENUMERATION_OF_TAG.get(
            name, name if name in enumerations and "Enumeration" in types.get(name, ["Enumeration"]) else ""
        )
        rows.append(
            (
                name,
                f"{number:06X}",
                since,
                until,
                "|".join(types.get(name, ())),
                enumeration,
                clauses["Tag"] if since < "2" else clause_of(since, "KMIP 2.1, 11.56"),
            )
        )
    write("tags.csv", ("name", "number", "since", "until", "types", "enumeration", "clause"), rows)


def write_enumerations(enumerations: dict[str, dict[str, Entry]], clauses: dict[str, str]) -> None:
    rows = [
        (enumeration, name, f"{number:08X}", since, until, clause_of(since, clauses.get(enumeration, "")))
        for enumeration, values in sorted(enumerations.items())
        for name, (number, since, until) in sorted(values.items(), key=lambda item: item[1])
    ]
    write("enumerations.csv", ("enumeration", "name", "number", "since", "until", "clause"), rows)


def write_attributes(path: Path, types: dict[str, Sequence[str]], enumerations: dict[str, dict[str, Entry]]) -> None:
    seen: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["attribute"] not in {"Attributes", "Object Attributes", "Certificate Attributes"}:
                seen[row["attribute"]].append(row)
    rows = []
    for name, rules in sorted(seen.items()):
        versions = [rule["version"] for rule in rules]
        until = "" if "2.1" in versions else versions[-1]
        cited = next((rule for rule in reversed(rules) if rule["version"] < "2"), rules[-1])
        multiple = "yes" if cited["multiple_instances"].startswith("Yes") else "no"
        rows.append(
            (
                name,
                "|".join(types.get(name, ())),
                name if name in enumerations else "",
                multiple,
                versions[0],
                until,
                f"KMIP {cited['version']}, {cited['section']}",
            )
        )
    write("attributes.csv", ("name", "types", "enumeration", "multiple", "since", "until", "clause"), rows)


def write_operations(path: Path, operations: dict[str, Entry]) -> None:
    clauses: dict[str, dict[str, str]] = defaultdict(dict)
    with path.open(newline="") as stream:
        for row in csv.DictReader(stream):
            if not (row["section"].startswith("5") and row["operation"] not in SERVER_TO_CLIENT_ONLY):
                clauses[row["operation"]].setdefault(row["version"], row["section"])
    rows = []
    for name, (number, since, _) in sorted(operations.items(), key=lambda item: item[1][0]):
        versions = clauses.get(name, {})
        cited = max((version for version in versions if version < "2"), default=max(versions, default=""))
        rows.append(
            (
                name,
                f"{number:08X}",
                since,
                "server" if name in SERVER_TO_CLIENT_ONLY else "client",
                f"KMIP {cited}, {versions[cited]}" if cited else clause_of(since, SERVER_TO_CLIENT_ONLY.get(name, "")),
            )
        )
    write("operations.csv", ("name", "number", "since", "sent_by", "clause"), rows)


def write_payloads(path: Path, tags: set[str]) -> None:
    """The fields of each payload in the order of its table, with the versions that have them; 1.x only, for 2.x rearranged them all."""
    fields: dict[tuple[str, str], dict[str, list[tuple[str, str, str, int]]]] = defaultdict(lambda: defaultdict(list))
    with path.open(newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream)):
            name = row["item"].split(", see")[0].split(" (")[0].strip()
            name = ANY_OBJECT if "Symmetric Key," in row["item"] else name
            if row["version"] < "2" and name in tags | {ANY_OBJECT} and not row["section"].startswith("5"):
                fields[row["operation"], row["dir"]][name].append((row["version"], row["section"], row["required"], line))
    rows = []
    for (operation, direction), table in sorted(fields.items()):
        for name in in_order(table):
            uses = table[name]
            versions = [use[0] for use in uses]
            until = "" if versions[-1] == "1.4" else versions[-1]
            required = "yes" if uses[-1][2].startswith("Yes") else "no"
            rows.append((operation, direction.lower(), name, required, versions[0], until, f"KMIP {versions[-1]}, {uses[-1][1]}"))
    write("payloads.csv", ("operation", "direction", "field", "required", "since", "until", "clause"), rows)


def in_order(table: dict[str, list[tuple[str, str, str, int]]]) -> list[str]:
    """The fields of a payload as its newest table has them; one that only older tables have stands behind the one that it stood behind."""
    last = sorted((uses[-1][3], uses[-1][0], name) for name, uses in table.items())
    newest = max(version for _, version, _ in last)
    ordered = [name for _, version, name in last if version == newest]
    for _, version, name in last:
        if version != newest:
            there = sorted((line, one) for one, uses in table.items() for of, _, _, line in uses if of == version)
            before = [one for _, one in there[: [one for _, one in there].index(name)] if one in ordered]
            ordered.insert(ordered.index(before[-1]) + 1 if before else 0, name)
    return ordered


def write(name: str, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with (TABLES / "data" / name).open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])


def write_stub(tags: dict[str, Entry], enumerations: dict[str, dict[str, Entry]]) -> None:
    """The members as mypy and editors see them; at run time `names.py` builds the same from the CSV files."""
    sys.path.insert(0, str(TABLES.parent.parent))
    from kmip_conformance.tables.naming import class_name, member_name

    lines = [
        "# The enumerations of the standard, as mypy sees them. Made by conformance/tools/make_tables.py; do not edit.",
        "from enum import IntEnum, IntFlag",
        "",
    ]
    for enumeration, values in [("Tag", tags), *sorted(enumerations.items())]:
        lines.append(f"class {class_name(enumeration)}({'IntFlag' if enumeration in MASKS else 'IntEnum'}):")
        digits = 6 if enumeration == "Tag" else 8
        lines += [
            f"    {member_name(name)} = 0x{number:0{digits}X}" for name, (number, _, _) in sorted(values.items(), key=lambda item: item[1])
        ]
        lines.append("")
    (TABLES / "names.pyi").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
