"""Derive Key (KMIP 1.4, 4.6). What is derived is computed here as well, with `cryptography` and hashlib."""

from __future__ import annotations

import hashlib
import hmac
from functools import partial
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import modes

from kmip_conformance.arranging_keys import AES_128, NOT_ALLOWED, NOT_PROVIDED, has_key_of, links_of, provided
from kmip_conformance.authoring import (
    Conversation,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ObjectType,
    Operation,
    Reason,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.checks.encrypt import with_cipher
from kmip_conformance.tables import BlockCipherMode, DerivationMethod, HashingAlgorithm, LinkType, PaddingMethod

if TYPE_CHECKING:
    from kmip_conformance.wire import Item

RULE, LATER = "4.6 Derive Key", "6.1.14 Derive Key"
REGISTERS = "register the derived object as a new Managed Object, returning the new Unique Identifier for the new object in the response"
NEEDS = [Operation.REGISTER, Operation.DERIVE_KEY]
AND_GIVES = [*NEEDS, Operation.GET]
DERIVES = CryptographicUsageMask.DERIVE_KEY
PASSWORD, SALT, ROUNDS = b"correct horse battery staple", b"NaCl-of-16-bytes", 1000
SHA_256 = requests.parameters(hashing=HashingAlgorithm.SHA_256)
HASHED = requests.derivation_parameters(parameters=SHA_256)
DATA = b"what is derived from"
AES_KEY = requests.of_key(CryptographicAlgorithm.AES, 256, CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT)

result = partial(
    check,
    cites=kmip_1_4(RULE, REGISTERS),
    in_2_x=kmip_2_1(LATER, REGISTERS),
    needs=AND_GIVES,
    mutants=["register.material-altered"],
)


def base_key(kmip: Conversation, material: bytes = AES_128, usage: int = DERIVES, algorithm: int = CryptographicAlgorithm.AES) -> str:
    """A key that others may be derived from, Active."""
    return has_key_of(kmip, material, usage, algorithm=algorithm)


def password(kmip: Conversation) -> str:
    """A password that keys may be derived from, Active."""
    uid = kmip.has_secret(secret=PASSWORD)
    kmip.activate(uid).succeeds().settle()
    return uid


def by_pbkdf2(uid: str, length: int = 256) -> Item:
    """Derive an AES key from a password with PBKDF2."""
    derivation = requests.derivation_parameters(parameters=SHA_256, salt=SALT, iterations=ROUNDS)
    attributes = requests.of_key(CryptographicAlgorithm.AES, length, CryptographicUsageMask.ENCRYPT)
    return requests.derive_key(ObjectType.SYMMETRIC_KEY, [uid], DerivationMethod.PBKDF2, derivation, *attributes)


def by_hash(uid: str, *attributes: Item) -> Item:
    """Derive an AES key of 256 bits from a key, its SHA-256."""
    return requests.derive_key(ObjectType.SYMMETRIC_KEY, [uid], DerivationMethod.HASH, HASHED, *(attributes or AES_KEY))


@result("derive-key.pbkdf2", needs=[*AND_GIVES, ObjectType.SECRET_DATA], mutants=["derive-key.salt-ignored"])
def a_key_from_a_password_is_that_of_pbkdf2(kmip: Conversation) -> None:
    """PBKDF2 with HMAC-SHA-256, salt and iteration count gives the key of RFC 8018 from a password: 256 bits."""
    derived = provided(kmip.ask(by_pbkdf2(password(kmip))), "PBKDF2").uid
    expected = hashlib.pbkdf2_hmac("sha256", PASSWORD, SALT, ROUNDS, 32)
    expect(kmip.get(derived).key_material == expected, "whether it is that key").is_(wanted=True)


@result("derive-key.hmac", mutants=["derive-key.data-ignored"])
def a_key_by_hmac_is_the_code(kmip: Conversation) -> None:
    """HMAC with SHA-256 over the derivation data gives the key."""
    base = base_key(kmip, b"\x0b" * 20, algorithm=CryptographicAlgorithm.HMAC_SHA256)
    derivation = requests.derivation_parameters(parameters=SHA_256, data=DATA)
    item = requests.derive_key(ObjectType.SYMMETRIC_KEY, [base], DerivationMethod.HMAC, derivation, *AES_KEY)
    material = kmip.get(provided(kmip.ask(item), "derivation by HMAC").uid).key_material
    expect(material == hmac.digest(b"\x0b" * 20, DATA, hashlib.sha256), "whether it is the code").is_(wanted=True)


@result("derive-key.hash")
def a_key_by_hash_is_the_hash(kmip: Conversation) -> None:
    """The SHA-256 of the derivation key gives the key."""
    material = kmip.get(provided(kmip.ask(by_hash(base_key(kmip))), "derivation by hash").uid).key_material
    expect(material == hashlib.sha256(AES_128).digest(), "whether it is the hash").is_(wanted=True)


@result("derive-key.encrypt", mutants=["derive-key.data-ignored"])
def a_key_by_encryption_is_the_ciphertext(kmip: Conversation) -> None:
    """Encryption of the derivation data with AES in CBC mode gives the key."""
    chosen = requests.cryptographic_parameters(block_cipher_mode=BlockCipherMode.CBC, padding_method=PaddingMethod.NONE)
    base = has_key_of(kmip, AES_128, DERIVES, chosen)
    used = requests.parameters(mode=BlockCipherMode.CBC, padding=PaddingMethod.NONE)
    derivation = requests.derivation_parameters(parameters=used, iv=bytes(16), data=bytes(range(32)))
    item = requests.derive_key(ObjectType.SYMMETRIC_KEY, [base], DerivationMethod.ENCRYPT, derivation, *AES_KEY)
    material = kmip.get(provided(kmip.ask(item), "derivation by encryption").uid).key_material
    expect(material == with_cipher(modes.CBC(bytes(16)), bytes(range(32))), "whether it is the ciphertext").is_(wanted=True)


@result("derive-key.secret-data", needs=[*AND_GIVES, ObjectType.SECRET_DATA])
def secret_data_may_be_derived(kmip: Conversation) -> None:
    """Secret Data of 160 bits is derived as the beginning of the hash."""
    attributes = requests.of_key(None, 160, DERIVES)
    item = requests.derive_key(ObjectType.SECRET_DATA, [base_key(kmip)], DerivationMethod.HASH, HASHED, *attributes)
    material = kmip.get(provided(kmip.ask(item), "derivation of Secret Data").uid).key_material
    expect(material == hashlib.sha256(AES_128).digest()[:20], "whether it is the beginning of the hash").is_(wanted=True)


@check(
    "derive-key.links",
    cites=kmip_1_4(
        RULE, "the server SHALL create a Link attribute of Link Type Derivation Base Object pointing to the keys or Secret Data"
    ),
    in_2_x=kmip_2_1(
        LATER, "the server SHALL create a Link attribute of Link Type Derivation Base Object pointing to the keys or Secret Data"
    ),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
    mutants=["links.none"],
)
def both_objects_link_to_each_other(kmip: Conversation) -> None:
    """The base object has a link to what was derived from it, and the derived key one to its base."""
    base = base_key(kmip)
    derived = provided(kmip.ask(by_hash(base)), "derivation by hash").uid
    expect(links_of(kmip, base, LinkType.DERIVED_KEY_LINK) == [derived], "whether the base links").is_(wanted=True)
    expect(links_of(kmip, derived, LinkType.DERIVATION_BASE_OBJECT_LINK) == [base], "whether the derived key links").is_(wanted=True)


@check(
    "derive-key.keeps-its-attributes",
    cites=kmip_1_4("Table 180: Derive Key Request Payload", "Specifies desired attributes to be associated with the new object"),
    in_2_x=kmip_2_1("Table 205: Derive Key Request Payload", "Specifies desired attributes to be associated with the new object"),
    needs=[*NEEDS, Operation.GET_ATTRIBUTES],
)
def the_derived_key_has_the_attributes_of_the_request(kmip: Conversation) -> None:
    """A derived key has algorithm, length and usage mask of the request, and not those of its base."""
    derived = provided(kmip.ask(by_hash(base_key(kmip))), "derivation by hash").uid
    names = ("Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask")
    answer = kmip.get_attributes(derived, *names)
    expect([answer.attribute(name) for name in names], "the three attributes").is_([CryptographicAlgorithm.AES, 256, 12])


@check(
    "derive-key.usage-mask-refused",
    cites=kmip_1_4(RULE, "If the operation is issued for an object that does not have this bit set, then the server SHALL return an error"),
    in_2_x=kmip_2_1(
        LATER, "If the operation is issued for an object that does not have this bit set, then the server SHALL return an error"
    ),
    needs=NEEDS,
    mutants=["derive-key.base-not-checked"],
)
def nothing_is_derived_from_a_key_that_is_not_meant_for_it(kmip: Conversation) -> None:
    """Derive Key from a key whose Cryptographic Usage Mask lacks Derive Key fails."""
    base = base_key(kmip, usage=CryptographicUsageMask.ENCRYPT)
    kmip.ask(by_hash(base)).refuses(because=(*NOT_ALLOWED, Reason.INVALID_FIELD)).or_acceptably()


@check(
    "derive-key.too-long-refused",
    cites=kmip_1_4(RULE, "If the specified length exceeds the output of the derivation method, then the server SHALL return an error"),
    in_2_x=kmip_2_1(LATER, "If the specified length exceeds the output of the derivation method, then the server SHALL return an error"),
    needs=NEEDS,
)
def no_key_is_longer_than_what_is_derived(kmip: Conversation) -> None:
    """Derive Key of 512 bits from a hash of 256 fails."""
    attributes = requests.of_key(None, 512, DERIVES)
    item = requests.derive_key(ObjectType.SECRET_DATA, [base_key(kmip)], DerivationMethod.HASH, HASHED, *attributes)
    kmip.ask(item).refuses(because=(Reason.CRYPTOGRAPHIC_FAILURE, Reason.INVALID_FIELD)).or_acceptably()


@check(
    "derive-key.pre-active-base-refused",
    cites=kmip_1_4("3.22 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
    in_2_x=kmip_2_1("4.57 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
    needs=NEEDS,
    mutants=["derive-key.base-not-checked"],
)
def nothing_is_derived_from_a_pre_active_key(kmip: Conversation) -> None:
    """Derive Key from a Pre-Active key fails."""
    base = has_key_of(kmip, AES_128, DERIVES, active=False)
    kmip.ask(by_hash(base)).refuses(because=(*NOT_ALLOWED, Reason.INVALID_FIELD)).or_acceptably()


@check(
    "derive-key.unknown-base-not-found",
    cites=kmip_1_4("11.7 Derive Key", "One or more of the objects specified do not exist"),
    in_2_x=kmip_2_1("Table 207: Derive Key Errors", "Object Not Found"),
    needs=[Operation.DERIVE_KEY],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Derive Key from an object that does not exist fails with Item Not Found."""
    kmip.ask(by_hash("no-such-object")).refuses(because=Reason.ITEM_NOT_FOUND)


@check(
    "derive-key.unknown-method-refused",
    cites=kmip_1_4("11.7 Derive Key", "Invalid Derivation Method"),
    in_2_x=kmip_2_1("Table 207: Derive Key Errors", "Invalid Field"),
    needs=NEEDS,
)
def a_method_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """Derive Key with a Derivation Method that the standard does not assign fails with Invalid Field."""
    item = requests.derive_key(ObjectType.SYMMETRIC_KEY, [base_key(kmip)], 0x7FFF, HASHED, *AES_KEY)
    kmip.ask(item).refuses(because=(*NOT_PROVIDED, Reason.INVALID_MESSAGE)).or_acceptably()


@check(
    "derive-key.salt-required",
    cites=kmip_1_4("Table 183: PBKDF2 Derivation Parameters Structure", "Salt | Byte String | Yes"),
    in_2_x=kmip_2_1("Table 364: Derivation Parameters Structure", "Yes if Derivation method is PBKDF2"),
    needs=[*NEEDS, ObjectType.SECRET_DATA],
)
def pbkdf2_without_salt_is_refused(kmip: Conversation) -> None:
    """PBKDF2 without a Salt, which it requires, is refused."""
    derivation = requests.derivation_parameters(parameters=SHA_256, iterations=ROUNDS)
    item = requests.derive_key(ObjectType.SYMMETRIC_KEY, [password(kmip)], DerivationMethod.PBKDF2, derivation, *AES_KEY)
    kmip.ask(item).refuses()


@check(
    "derive-key.sets-the-placeholder",
    cites=kmip_1_4(RULE, "The server SHALL copy the Unique Identifier returned by this operation into the ID Placeholder variable"),
    in_2_x=kmip_2_1(LATER, "The server SHALL copy the Unique Identifier returned by this operation into the ID Placeholder variable"),
    needs=AND_GIVES,
    mutants=["messages.id-placeholder-not-set"],
)
def the_next_operation_of_the_batch_means_the_derived_key(kmip: Conversation) -> None:
    """In one batch, a Get without identifier after a Derive Key returns the derived key."""
    reply = kmip.send(by_hash(base_key(kmip)), requests.get(None), order=True)
    provided(reply[0], "derivation by hash")
    expect(reply[1].succeeds().uid == reply[0].uid, "whether Get returned the derived key").is_(wanted=True)


@check(
    "derive-key.bases-of-others",
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    needs=NEEDS,
    mutants=["access.everybody-is-one"],
)
def nothing_is_derived_from_a_key_of_another(kmip: Conversation, other: Conversation) -> None:
    """Another client derives nothing from a key that is not its own."""
    other.ask(by_hash(base_key(kmip))).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))
