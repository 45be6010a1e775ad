"""The field tables: their language, and samples of what they say written by hand from the clauses."""

from __future__ import annotations

import dataclasses

import pytest
from kmip_server import messages
from kmip_server.enums import ItemType, NameType, Operation, Tag
from kmip_server.messages import (
    REQUEST_PAYLOADS,
    RESPONSE_PAYLOADS,
    Attribute,
    Authentication,
    CapabilityInformation,
    CryptographicParameters,
    Digest,
    ExtensionInformation,
    GetRequest,
    GetResponse,
    KeyBlock,
    KeyValue,
    LocateRequest,
    Name,
    ObjectDefaults,
    ProfileInformation,
    QueryResponse,
    RegisterRequest,
    RequestBatchItem,
    RequestHeader,
    ResponseHeader,
    Right,
    fields_of,
    structures,
)
from kmip_server.messages.tables import alternatives_of
from kmip_server.versions import V1_0, V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, V3_0, VERSIONS, KmipVersion

WITHOUT_RESPONSE = {Operation.POLL, Operation.NOTIFY, Operation.PUT}
"""A response to Poll has the payload of the operation that was polled for; clients answer Notify and Put without one (4.28, 5.1, 5.2)."""


def names(structure: type, version: KmipVersion) -> list[str]:
    return [row.name for row in fields_of(structure) if row.exists_in(version)]


FIELDS: list[tuple[type, KmipVersion, str]] = [
    (
        RequestHeader,
        V1_0,
        """protocol_version maximum_response_size asynchronous_indicator authentication batch_error_continuation_option
        batch_order_option time_stamp batch_count""",
    ),
    (
        RequestHeader,
        V1_4,
        """protocol_version maximum_response_size client_correlation_value server_correlation_value asynchronous_indicator
        attestation_capable_indicator attestation_type authentication batch_error_continuation_option batch_order_option
        time_stamp batch_count""",
    ),
    (ResponseHeader, V1_1, "protocol_version time_stamp batch_count"),
    (ResponseHeader, V1_2, "protocol_version time_stamp nonce attestation_type batch_count"),
    (GetRequest, V1_3, "unique_identifier key_format_type key_compression_type key_wrapping_specification"),
    (GetRequest, V1_4, "unique_identifier key_format_type key_wrap_type key_compression_type key_wrapping_specification"),
    (LocateRequest, V1_0, "maximum_items storage_status_mask attribute"),
    (LocateRequest, V1_1, "maximum_items storage_status_mask object_group_member attribute"),
    (LocateRequest, V1_3, "maximum_items offset_items storage_status_mask object_group_member attribute"),
    (QueryResponse, V1_0, "operation object_type vendor_identification server_information application_namespace"),
    (
        QueryResponse,
        V1_2,
        """operation object_type vendor_identification server_information application_namespace extension_information
        attestation_type""",
    ),
    (
        RequestHeader,
        V2_0,
        """protocol_version maximum_response_size client_correlation_value server_correlation_value asynchronous
        attestation_capable_indicator attestation_type authentication batch_error_continuation_option batch_order_option
        time_stamp batch_count""",
    ),
    (
        ResponseHeader,
        V2_0,
        """protocol_version time_stamp nonce server_hashed_password attestation_type client_correlation_value
        server_correlation_value batch_count""",
    ),
    (RequestBatchItem, V1_4, "operation unique_batch_item_id request_payload message_extension"),
    (RequestBatchItem, V2_0, "operation ephemeral unique_batch_item_id request_payload message_extension"),
    (KeyValue, V1_4, "key_material attribute"),
    (KeyValue, V2_0, "key_material attributes"),
    (ObjectDefaults, V2_0, "object_type attributes"),
    (ObjectDefaults, V2_1, "object_type object_types attributes object_groups"),
    (Right, V2_0, "usage_limits operations objects"),
    (Right, V2_1, "usage_limits operations objects object_groups"),
    (ExtensionInformation, V1_4, "extension_name extension_tag extension_type"),
    (
        ExtensionInformation,
        V2_0,
        """extension_name extension_tag item_type extension_enumeration extension_attribute extension_parent_structure_tag
        extension_description""",
    ),
    (ProfileInformation, V1_4, "profile_name server_uri server_port"),
    (ProfileInformation, V2_0, "profile_name profile_version server_uri server_port"),
    (Digest, V1_0, "hashing_algorithm digest_value"),
    (Digest, V1_1, "hashing_algorithm digest_value key_format_type"),
    (CryptographicParameters, V1_1, "block_cipher_mode padding_method hashing_algorithm key_role_type"),
    (
        CapabilityInformation,
        V1_3,
        """streaming_capability asynchronous_capability attestation_capability unwrap_mode destroy_action shredding_algorithm
        rng_mode""",
    ),
]


@pytest.mark.parametrize(("structure", "version", "expected"), FIELDS)
def test_a_structure_has_these_fields_in_this_order(structure: type, version: KmipVersion, expected: str) -> None:
    assert names(structure, version) == expected.split()


def test_every_operation_has_both_payloads() -> None:
    published = {operation for operation in Operation if operation.since < V3_0} | {Operation.OBLITERATE}
    assert set(REQUEST_PAYLOADS) == published
    assert set(RESPONSE_PAYLOADS) == published - WITHOUT_RESPONSE
    for kind, payloads in (("Request", REQUEST_PAYLOADS), ("Response", RESPONSE_PAYLOADS)):
        for operation, payload in payloads.items():
            assert payload.__name__.lower() == (operation.name.replace("_", "") + kind).lower()


def test_every_structure_can_be_imported_from_the_package() -> None:
    for structure in structures():
        assert getattr(messages, structure.__name__) is structure


def test_every_structure_is_a_frozen_value() -> None:
    for structure in structures():
        assert dataclasses.is_dataclass(structure)
        assert "__dict__" not in dir(structure)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Name("a", 1).name_value = "b"  # type: ignore[arg-type, misc]


def test_a_structure_is_made_as_a_dataclass_is() -> None:
    assert (
        Name("a", NameType.URI)
        == Name(name_type=NameType.URI, name_value="a")
        == dataclasses.replace(Name("b", NameType.URI), name_value="a")
    )
    assert hash(Name("a", NameType.URI)) == hash(Name("a", NameType.URI))
    assert GetRequest() == GetRequest(unique_identifier=None)
    for wrong in (lambda: Name("a"), lambda: Name("a", 1, 2), lambda: GetRequest("1"), lambda: GetRequest(no_field=1)):
        with pytest.raises(TypeError):
            wrong()
    for structure in structures():
        assert structure.__slots__ == tuple(field.name for field in dataclasses.fields(structure))


def test_every_field_is_as_old_as_its_tag_at_most() -> None:
    for structure in structures():
        for row in fields_of(structure):
            for alternative in row.alternatives:
                versions = [version for version in VERSIONS if row.exists_in(version)]
                assert alternative.tag.since <= versions[-1], (structure.__name__, row.name)


def test_presence_is_told_by_the_default() -> None:
    rows = {row.name: row for row in fields_of(RegisterRequest)}
    assert rows["object_type"].required_in(V1_0)
    assert not rows["managed_object"].required_in(V1_1)
    assert rows["managed_object"].required_in(V1_2)
    rows = {row.name: row for row in fields_of(KeyBlock)}
    assert rows["key_value"].required_in(V1_1)
    assert not rows["key_value"].required_in(V1_2)
    assert not rows["key_compression_type"].required_in(V1_0)


def test_repetition_is_told_by_the_tuple() -> None:
    (credential,) = fields_of(Authentication)
    assert not credential.repeated_in(V1_1)
    assert credential.repeated_in(V1_2)
    assert not any(row.repeated_in(V1_4) for row in fields_of(GetRequest))


def test_a_field_may_be_written_in_several_ways() -> None:
    by_tag = next(row for row in fields_of(GetResponse) if row.name == "managed_object")
    assert {alternative.tag for alternative in by_tag.alternatives} >= {Tag.SYMMETRIC_KEY, Tag.SECRET_DATA, Tag.OPAQUE_OBJECT}
    by_type = next(row for row in fields_of(KeyBlock) if row.name == "key_value")
    assert [alternative.item_type for alternative in by_type.alternatives] == [ItemType.STRUCTURE, ItemType.BYTE_STRING]


def test_an_earlier_field_may_choose() -> None:
    assert [row.chosen_by for row in fields_of(Attribute)] == [None, None, "attribute_name"]
    assert fields_of(KeyValue)[0].chosen_by == "key_format_type"
    assert {row.name: row.chosen_by for row in fields_of(RequestBatchItem)}["request_payload"] == "operation"


@pytest.mark.parametrize("annotation", [int, float, dict, list[str], type])
def test_what_the_wire_cannot_carry_is_no_annotation(annotation: object) -> None:
    with pytest.raises(TypeError):
        alternatives_of(annotation, Tag.ATTRIBUTE_VALUE)
