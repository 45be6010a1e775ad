"""Get of wrapped keys (KMIP 1.4, 4.11 and 2.1.6). What comes is unwrapped here; what must not leave in the clear does not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kmip_conformance.arranging_keys import AES_128, NOT_ALLOWED, has_key_of, provided, unwrapped_by
from kmip_conformance.authoring import (
    V1_1,
    V1_4,
    Answer,
    Conversation,
    CryptographicUsageMask,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.tables import BlockCipherMode, EncodingOption, WrappingMethod
from kmip_conformance.wire import decode

if TYPE_CHECKING:
    from kmip_conformance.wire import Item

RULE, LATER = "4.11 Get", "6.1.19 Get"
WRAPS = "which MAY be wrapped using a wrapping key as specified in the request"
NEEDS = [Operation.REGISTER, Operation.ACTIVATE, Operation.GET]
WRAPPED_KEY = bytes(range(32))
MODE = requests.cryptographic_parameters(block_cipher_mode=BlockCipherMode.NIST_KEY_WRAP)
BLOCK = (Tag.SYMMETRIC_KEY, Tag.KEY_BLOCK)

wrapped = partial(
    check,
    since=V1_1,
    cites=kmip_1_4(RULE, WRAPS),
    in_2_x=kmip_2_1(LATER, WRAPS),
    needs=NEEDS,
    mutants=["get.wrapping-ignored"],
)


def wrapping_key(kmip: Conversation, *attributes: Item, usage: int = CryptographicUsageMask.WRAP_KEY, active: bool = True) -> str:
    """A key that wraps others with NIST's AES key wrap."""
    return has_key_of(kmip, AES_128, usage, *(attributes or (MODE,)), active=active)


def key_to_wrap(kmip: Conversation, *attributes: Item) -> str:
    """The key that is to leave wrapped."""
    return kmip.ask(requests.register_symmetric_key(WRAPPED_KEY, *attributes)).uid


def unwrapped(answer: Answer) -> bytes:
    """What is wrapped in the Key Value of an answer, which is a Byte String; nothing when it does not unwrap."""
    value = answer.value(*BLOCK, Tag.KEY_VALUE)
    expect(isinstance(value, bytes), "whether the Key Value is a Byte String").is_(wanted=True)
    return unwrapped_by(AES_128, value)


@wrapped("get.wrapped-without-encoding")
def the_material_is_wrapped(kmip: Conversation) -> None:
    """With No Encoding, the wrapped Key Value is the material of the key in AES key wrap (RFC 3394)."""
    wrapping = requests.wrapping_by(wrapping_key(kmip))
    answer = provided(kmip.get(key_to_wrap(kmip), wrapping=wrapping), "AES key wrap")
    expect(unwrapped(answer) == WRAPPED_KEY, "whether it unwraps to the key").is_(wanted=True)


@wrapped(
    "get.wrapped-in-ttlv",
    cites=kmip_1_4(
        "Table 12: Key Wrapping Specification Object Structure",
        "If Encoding Option is not present, the wrapped Key Value SHALL be TTLV encoded",
    ),
    in_2_x=kmip_2_1(
        "Table 370: Key Wrapping Specification Object Structure",
        "If Encoding Option is not present, the wrapped Key Value SHALL be TTLV encoded",
    ),
)
def without_an_encoding_option_the_key_value_is_wrapped(kmip: Conversation) -> None:
    """Without an Encoding Option, what is wrapped is the whole Key Value structure in TTLV."""
    wrapping = requests.wrapping_by(wrapping_key(kmip), encoding=None)
    answer = provided(kmip.get(key_to_wrap(kmip), wrapping=wrapping), "AES key wrap")
    item = decode(unwrapped(answer)).item
    expect(item is not None and item.tag, "the tag of what is wrapped").is_(int(Tag.KEY_VALUE))
    expect(item is not None and item.octets(Tag.KEY_MATERIAL) == WRAPPED_KEY, "whether it holds the key").is_(wanted=True)


@wrapped(
    "get.wrapping-data",
    cites=kmip_1_4("2.1.5 Key Wrapping Data", "Encryption Key Information"),
    in_2_x=kmip_2_1(
        "3.3 Key Wrapping Data", "Contains the Unique Identifier value of the encryption key and associated cryptographic parameters"
    ),
)
def the_answer_says_how_it_is_wrapped(kmip: Conversation) -> None:
    """A wrapped key comes with Key Wrapping Data: the method, and the identifier of the wrapping key."""
    by = wrapping_key(kmip)
    answer = provided(kmip.get(key_to_wrap(kmip), wrapping=requests.wrapping_by(by)), "AES key wrap")
    data = (*BLOCK, Tag.KEY_WRAPPING_DATA)
    expect(answer.value(*data, Tag.WRAPPING_METHOD), "the Wrapping Method").is_(WrappingMethod.ENCRYPT)
    named = answer.value(*data, Tag.ENCRYPTION_KEY_INFORMATION, Tag.UNIQUE_IDENTIFIER) == by
    expect(named, "whether the wrapping key is named").is_(wanted=True)
    expect(answer.value(*data, Tag.ENCODING_OPTION), "the Encoding Option").is_(EncodingOption.NO_ENCODING)


@wrapped("get.nothing-in-the-clear-beside", mutants=["get.clear-key-beside-the-wrapped"])
def the_key_is_nowhere_in_the_clear(kmip: Conversation) -> None:
    """An answer with a wrapped key holds its material in the clear nowhere."""
    answer = provided(kmip.get(key_to_wrap(kmip), wrapping=requests.wrapping_by(wrapping_key(kmip))), "AES key wrap")
    expect(WRAPPED_KEY in answer.reply.heard, "whether the answer holds the key in the clear").is_(wanted=False)


@wrapped(
    "get.sensitive-key-wrapped",
    since=V1_4,
    cites=kmip_1_4("3.48 Sensitive", "the server SHALL prevent the object value being retrieved"),
    in_2_x=kmip_2_1("4.55 Sensitive", "the server SHALL prevent the object value being retrieved"),
    mutants=[],
)
def a_sensitive_key_leaves_wrapped_alone(kmip: Conversation) -> None:
    """A Sensitive key is given wrapped, and refused in the clear."""
    key, by = key_to_wrap(kmip, requests.attribute("Sensitive", value=True)), wrapping_key(kmip)
    answer = provided(kmip.get(key, wrapping=requests.wrapping_by(by)), "AES key wrap")
    expect(unwrapped(answer) == WRAPPED_KEY, "whether it unwraps to it").is_(wanted=True)
    kmip.get(key).refuses(because=Reason.SENSITIVE).or_acceptably(because=Reason.PERMISSION_DENIED)


refusal = partial(
    check,
    since=V1_1,
    cites=kmip_1_4("11.12 Get", "Object with Encryption Key Information exists, but it is not able to be used for wrapping"),
    in_2_x=kmip_2_1("Table 222: Get Errors", "Incompatible Cryptographic Usage Mask"),
    needs=NEEDS,
    mutants=["get.wrapping-key-not-checked"],
)


@refusal("get.wrapping-usage-mask-refused")
def a_key_that_may_not_wrap_does_not(kmip: Conversation) -> None:
    """A key whose Cryptographic Usage Mask lacks Wrap Key wraps nothing."""
    by = wrapping_key(kmip, usage=CryptographicUsageMask.ENCRYPT)
    kmip.get(key_to_wrap(kmip), wrapping=requests.wrapping_by(by)).refuses(because=NOT_ALLOWED).or_acceptably()


@refusal(
    "get.wrapping-pre-active-refused",
    cites=kmip_1_4("3.22 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
    in_2_x=kmip_2_1("4.57 State", "The object exists and SHALL NOT be used for any cryptographic purpose"),
)
def a_pre_active_key_wraps_nothing(kmip: Conversation) -> None:
    """A Pre-Active key wraps nothing."""
    by = wrapping_key(kmip, active=False)
    kmip.get(key_to_wrap(kmip), wrapping=requests.wrapping_by(by)).refuses(because=NOT_ALLOWED).or_acceptably()


@refusal(
    "get.wrapping-key-not-found",
    cites=kmip_1_4("11.12 Get", "Wrapping key does not exist"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "Wrapping object does not exist"),
)
def a_wrapping_key_that_is_not_there_is_not_found(kmip: Conversation) -> None:
    """Get wrapped with a key that does not exist fails with Item Not Found; with Wrapping Object Not Found since 2.0."""
    wrapping = requests.wrapping_by("no-such-object")
    reasons = (Reason.ITEM_NOT_FOUND, Reason.WRAPPING_OBJECT_NOT_FOUND)
    kmip.get(key_to_wrap(kmip), wrapping=wrapping).refuses(because=reasons).or_acceptably()


@refusal(
    "get.wrapping-parameters-match",
    cites=kmip_1_4(
        "2.1.6 Key Wrapping Specification",
        "If the corresponding key does not have any Cryptographic Parameters attribute, or if no match is found",
    ),
    in_2_x=kmip_2_1(
        "7.18 Key Wrapping Specification",
        "If the corresponding key does not have any Cryptographic Parameters attribute, or if no match is found",
    ),
    mutants=[],
)
def a_key_wraps_only_in_its_own_way(kmip: Conversation) -> None:
    """Get wrapped in a mode that is not among the Cryptographic Parameters of the wrapping key fails."""
    by = wrapping_key(kmip, requests.cryptographic_parameters(block_cipher_mode=BlockCipherMode.CBC))
    kmip.get(key_to_wrap(kmip), wrapping=requests.wrapping_by(by)).refuses()


@refusal(
    "get.wrapped-attributes-need-an-encoding",
    cites=kmip_1_4("11.12 Get", "Encoding Option not permitted when Key Wrapping Specification contains attribute names"),
    in_2_x=kmip_2_1("7.18 Key Wrapping Specification", "If No Encoding is specified, then the Key Value SHALL NOT contain any attributes"),
    mutants=[],
)
def attributes_are_not_wrapped_without_encoding(kmip: Conversation) -> None:
    """Get wrapped with No Encoding and with attribute names fails with Encoding Option Error."""
    wrapping = requests.wrapping_by(wrapping_key(kmip), "Cryptographic Length")
    kmip.get(key_to_wrap(kmip), wrapping=wrapping).refuses(because=Reason.ENCODING_OPTION_ERROR).or_acceptably()


@refusal(
    "get.wrapping-keys-of-others",
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    in_2_x=(),
)
def nobody_wraps_with_a_key_of_another(kmip: Conversation, other: Conversation) -> None:
    """Another client does not wrap its key with a key that is not its own."""
    by = wrapping_key(kmip)
    other.get(key_to_wrap(other), wrapping=requests.wrapping_by(by)).refuses()
