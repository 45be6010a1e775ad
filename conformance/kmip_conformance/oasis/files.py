"""The published files: where they lie, what their cases are called, which depend on others, and which faults are known in them.

A folder is searched for ``*.xml``; the version of the document is the folder ``vX.Y`` above a file, else the last two digits of its
name. Ids are ``oasis.1.4.TC-ECC-1-14``, whatever the folder is called otherwise. A file that lies there twice (1.3 lists its optional
cases under ``mandatory`` too) is one case, the one in the folder that its name asks for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kmip_conformance.judge.errors import RunRefused

if TYPE_CHECKING:
    from pathlib import Path

FAMILY = "oasis"
WHERE = (
    "docs.oasis-open.org/kmip: the test cases of the Profiles documents (folders mandatory and optional) and of the Test Cases documents"
)

_DOCUMENT = re.compile(r"v?(\d\.\d)")
_SUFFIX = re.compile(r"-(\d)(\d)(-[A-Za-z]\w*)?$")
_NUMBERED = re.compile(r"^(?P<group>.*?)(-\d+[\w-]*)?$")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file and the id of its case."""

    id: str
    document: str
    path: Path

    @property
    def name(self) -> str:
        """The file's name without its ending: ``TC-ECC-1-14``."""
        return self.path.stem


def find_cases(place: Path) -> tuple[CaseFile, ...]:
    """The cases in a folder, or the one of a single file, in the order of their versions and names. Raises `RunRefused`."""
    paths = [place] if place.is_file() else sorted(place.rglob("*.xml"))
    if not paths:
        problem = "holds no XML file" if place.is_dir() else "does not exist"
        raise RunRefused(f"--oasis {place}: the folder {problem}", f"OASIS publishes the cases at {WHERE}.")
    found: dict[str, CaseFile] = {}
    for path in paths:
        document = document_of(path)
        case = CaseFile(f"{FAMILY}.{document}.{path.stem}", document, path)
        known = found.get(case.id)
        if known is None or (_belongs_in_its_folder(path) and not _belongs_in_its_folder(known.path)):
            found[case.id] = case
    return tuple(sorted(found.values(), key=lambda case: (case.document, _natural(case.name))))


def document_of(path: Path) -> str:
    """The version of the document that a file belongs to: "1.4"; "other" when nothing says it."""
    for part in reversed(path.absolute().parts[:-1]):
        if found := _DOCUMENT.fullmatch(part):
            return found[1]
    suffix = _SUFFIX.search(path.stem)
    return f"{suffix[1]}.{suffix[2]}" if suffix else "other"


def _belongs_in_its_folder(path: Path) -> bool:
    return "-O-" not in path.stem or path.parent.name == "optional"


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts M-2 before M-10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def bare(name: str) -> str:
    """A case's name without the version at its end: ``TC-ECC-1`` of ``TC-ECC-1-14``."""
    return _SUFFIX.sub("", name)


FOLLOWS = {
    "SASED-M-3": ("SASED-M-2",),
    "TL-M-3": ("TL-M-2",),
    "TC-CREG-2": ("TC-CREG-1",),
    "TC-CREG-3": ("TC-CREG-1",),
    **dict.fromkeys(("TC-OTP-1", "TC-OTP-2", "TC-OTP-4", "TC-OTP-5", "TC-OTP-CLEANUP-1"), ("TC-OTP-SETUP-1",)),
    "TC-OTP-3": ("TC-OTP-SETUP-2",),
}
"""Cases that begin with what others left behind: those are played first, and nothing is cleaned up between them. Where a document has none
of that name (1.4 leaves out the ones that set the one-time pads up), the one of an earlier document is."""

ALTERNATIVES = (("CS-RNG-O-1", "CS-RNG-O-2", "CS-RNG-O-3", "CS-RNG-O-4"), ("TC-OTP-3", "TC-OTP-4"))
"""Cases each of which has another lawful answer to the same request: a server gives one of them."""

OF_FEW_SERVERS = {
    "TC-Q-VAL-1": "the target tells of no validation, and one that was never validated has none to tell (KMIP 1.3, 4.25)",
}
"""Cases whose answer only some servers can truly give: what is said of one that is silent there."""

SOLITARY = frozenset(
    {
        "TL-M-2",
        "TL-M-3",
        "TC-32",
        "TC-151",
        "TC-152",
        "TC-153",
        "TC-OFFSET-1",
        "TC-CREG-2",
        "TC-CREG-3",
        "TC-PKCS12-2",
        "TC-MDO-2",
        "BL-M-4",
    }
)
"""Cases that search by what any other case's objects may have too: no other is played at the same time."""

GROUPS = {
    "AKLC": "Asymmetric Key Lifecycle",
    "AX": "AES XTS",
    "BL": "Baseline",
    "CS-AC": "Advanced Cryptographic services",
    "CS-BC": "Basic Cryptographic services",
    "CS-RNG": "Random number generation",
    "MSGENC-HTTPS": "Message encoding: HTTPS",
    "MSGENC-JSON": "Message encoding: JSON",
    "MSGENC-XML": "Message encoding: XML",
    "OMOS": "Opaque Managed Object Store",
    "PKCS11": "PKCS#11",
    "QS": "Quantum Safe",
    "SASED": "Storage Array with Self-Encrypting Drives",
    "SKFF": "Symmetric Key Foundry for FIPS 140",
    "SKLC": "Symmetric Key Lifecycle",
    "SUITEB_128": "Suite B minLOS_128",
    "SUITEB_192": "Suite B minLOS_192",
    "TL": "Tape Library",
    "TC": "Test case",
}
"""What the groups of names are about."""


def group_title(name: str) -> str:
    """What the group of a case is about; the longest prefix that `GROUPS` knows."""
    known = [prefix for prefix in GROUPS if name == prefix or name.startswith(f"{prefix}-")]
    return GROUPS[max(known, key=len)] if known else "Test case"


_NAMELESS = "a request of it has an Attribute without an Attribute Name (1.3 has the name)"
_MAY_NOT_UNWRAP = "it has the server unwrap with a key that may only wrap (KMIP 1.4, 3.22; 2.0 has it right)"
UNPLAYABLE = {
    "oasis.1.2.CS-AC-M-3-12": _NAMELESS,
    "oasis.1.2.CS-AC-M-8-12": _NAMELESS,
    "oasis.1.4.TC-CS-CORVAL-1-14": "it creates a key without the Cryptographic Usage Mask that Create has to have (KMIP 1.4, 4.1)",
    "oasis.1.4.TC-WRAP-2-14": _MAY_NOT_UNWRAP,
    "oasis.1.4.TC-WRAP-3-14": _MAY_NOT_UNWRAP,
}
"""Cases that ask for what a server has to refuse and expect that it does not: a server that goes by the standard cannot play them."""

_WITHOUT_TYPE = "answers about split keys leave out the Object Type, which they have to show (KMIP 1.2, 4.38 and 4.39)"
_NUMBERED_BARE = ("1.4.TC-PKCS12-2-14", "2.0.TC-PKCS12-2-20")
_RAW = ("TC-CERTATTR-1", "TC-IMPEXP-5")
_RENEWED = ("1.0.TC-134-10", "1.1.TC-134-11", "1.2.TC-134-12")
_ANOTHER_PART = "its sixth answer names another part of the key than the request does"
FAULTS = {
    "oasis.1.4.TC-DERIVEKEY-4-10": "its last two requests stand before their answers; each is played with the answer to its operation",
    "oasis.2.0.SUITEB_128-M-1-20": "later stages of the 2.0 profiles dropped it: it is not part of the standard's own set",
    "oasis.2.0.SUITEB_192-M-1-20": "later stages of the 2.0 profiles dropped it: it is not part of the standard's own set",
    "oasis.2.1.BL-M-9-21": "the p and q of its RSA key are not prime: a server that validates keys refuses it",
    "oasis.2.1.CS-BC-M-GCM-2-21": "two of its parts carry the same test identifier",
    **UNPLAYABLE,
    **dict.fromkeys(
        ("oasis.1.1.TC-142-11", "oasis.1.2.TC-142-12"),
        "it asks to wrap an attribute with the key and no Encoding Option, and shows the key wrapped alone (KMIP 1.2, 2.1.6: TTLV)",
    ),
    **dict.fromkeys(("oasis.1.2.TC-SJ-1-12", "oasis.1.2.TC-SJ-3-12"), _WITHOUT_TYPE),
    **dict.fromkeys(("oasis.1.2.TC-SJ-2-12", "oasis.1.2.TC-SJ-4-12"), f"{_WITHOUT_TYPE}; {_ANOTHER_PART}"),
    "oasis.1.4.TC-SJ-4-14": _ANOTHER_PART,
    **dict.fromkeys(
        (f"oasis.{case}" for case in _NUMBERED_BARE),
        "its answers show a serial number bare that its own Locate, and TC-134, have in DER",
    ),
    **dict.fromkeys(
        (f"oasis.2.0.{case}-20" for case in _RAW), "it calls the format of a certificate Raw, whose format is X.509 (KMIP 2.0, 4.26)"
    ),
    "oasis.1.0.TC-ECC-3-10": "it gets another private key than it registered: that of TC-ECC-2, and in PKCS#8",
    "oasis.1.1.TC-ECC-3-11": "it gets another key pair than it registered: that of TC-ECC-2",
    **dict.fromkeys(
        ("oasis.1.2.TC-ECC-2-12", "oasis.1.4.TC-ECC-2-14", "oasis.2.0.TC-ECC-2-20"),
        "it registers a private key in PKCS#8, encrypted, and gets one that is no PKCS#8 under that name (1.1 gets what it registered)",
    ),
    "oasis.2.0.TC-LOGIN-3-20": "an answer of it leaves out the Operation, which the request names (KMIP 2.0, 8.3; TC-DLOGIN-1-20 has it)",
    "oasis.1.3.CS-BC-M-6-13": "its ciphertext is not AES of its plaintext under its key (1.2 and 1.4 have the right one)",
    **dict.fromkeys(
        ("oasis.1.3.TC-OFFSET-1-13", "oasis.1.3.TC-OFFSET-2-13"),
        "its steps 3 to 6 count from the oldest object, though its step 2 lists the newest first (1.4 has it right)",
    ),
    "oasis.1.0.TC-92-10": "its dates are those of the day when it was recorded, and it waits without saying so",
    "oasis.1.1.TC-92-11": "it asks to repeat the request before the one that is meant (1.2 has it right)",
    "oasis.1.2.TC-NP-2-12": "the server speaks protocol 1.0 in it to a client of 1.2 (TC-NP-1-12 has it right)",
    "oasis.1.0.TC-95-10": "it grants leases of 16 s and of 0 s to keys made alike, which is a server's policy and no rule (KMIP 1.0, 3.15)",
    "oasis.1.1.TC-95-11": "it grants leases of 0 s, which is a server's policy and no rule (KMIP 1.1, 3.20)",
    **dict.fromkeys(
        (f"oasis.{case}" for case in _RENEWED),
        "its numbers of a renewed certificate's Names and Links differ from other documents'; the server assigns them (KMIP 1.0, 2.1.1)",
    ),
    "oasis.1.2.TC-312-12": "it expects a Lease Time of a Template, which can have none (KMIP 1.2, 3.20: all Cryptographic Objects)",
    "oasis.1.4.OMOS-O-1-14": "its second answer says protocol 1.3 to a request of 1.4",
    "oasis.1.3.TC-RNG-ATTR-2-13": "it sends $UNIQUE_IDENTIFIER_0 where its own answer gave $UNIQUE_IDENTIFIER_1",
    "oasis.1.4.TC-ECDSA-SIGN-1-14": "it speaks protocol 1.3, and has two end tags where it is not repaired",
}
"""What is known to be wrong in published files, by id of the case. It is named in the result, and nothing is repaired silently."""


WRONG = frozenset(
    {
        *(
            (f"oasis.1.3.TC-OFFSET-{case}-13", step, field)
            for case in (1, 2)
            for step in range(3, 7)
            for field in ("Unique Identifier", "Attribute Value")
        ),
        ("oasis.1.3.CS-BC-M-6-13", 2, "Data"),
        ("oasis.1.4.OMOS-O-1-14", 2, "Protocol Version Minor"),
        *(("oasis.1.2.TC-NP-2-12", step, "Protocol Version Minor") for step in (2, 4, 6, 8)),
        *((f"oasis.{case}", 0, "Lease Time") for case in ("1.0.TC-95-10", "1.1.TC-95-11")),
        *((f"oasis.{case}", 12, "Attribute Index") for case in _RENEWED),
        ("oasis.1.2.TC-312-12", 4, "Attribute Lease Time"),
        ("oasis.1.1.TC-142-11", 3, "Key Value"),
        ("oasis.1.2.TC-142-12", 3, "Key Value"),
        ("oasis.2.0.TC-LOGIN-3-20", 5, "Operation"),
        *((f"oasis.1.2.TC-SJ-{case}-12", 0, "Object Type") for case in range(1, 5)),
        *((f"oasis.{case}", 6, "Unique Identifier") for case in ("1.2.TC-SJ-2-12", "1.2.TC-SJ-4-12", "1.4.TC-SJ-4-14")),
        *((f"oasis.{case}", 9, f"{of}Serial Number") for case in _NUMBERED_BARE for of in ("", "Certificate ")),
        *((f"oasis.2.0.{case}-20", 0, "Key Format Type") for case in _RAW),
        ("oasis.1.0.TC-ECC-3-10", 9, "Key Material"),
        ("oasis.1.1.TC-ECC-3-11", 9, "Key Material"),
        ("oasis.1.1.TC-ECC-3-11", 10, "Key Material"),
        *((f"oasis.{document}.TC-ECC-2-{document.replace('.', '')}", 6, "Key Material") for document in ("1.2", "1.4", "2.0")),
    }
)
"""Expectations that nobody can meet: case, step (0: any), field. The row *file-fault* lets just these differ."""

RECORDED = frozenset({"oasis.1.0.TC-92-10"})
"""Cases that wait for a date, and have one that passed in 2010: their dates are moved (`kmip_conformance.oasis.moments`)."""

UNTIL = {
    ("oasis.1.0.TC-92-10", 4): "State changed to Deactivated",
    ("oasis.1.1.TC-92-11", 3): "",
    ("oasis.1.1.TC-92-11", 4): "State changed to Deactivated",
}
"""Marks of repetition that a file leaves out or has in the wrong place, by case and step."""

MEANT = {("oasis.1.3.TC-RNG-ATTR-2-13", "$UNIQUE_IDENTIFIER_0"): "$UNIQUE_IDENTIFIER_1"}
"""Placeholders of requests that no answer ever binds, and the ones that are meant."""


def faults_of(case_id: str) -> tuple[str, ...]:
    """The known faults of a case's file, each a sentence without a full stop."""
    return (FAULTS[case_id],) if case_id in FAULTS else ()
