"""Export and Import (KMIP 1.4, 4.40 and 4.41): an object with all that is said of it, out and in again."""

from __future__ import annotations

from functools import partial

from kmip_conformance.arranging import label, own_name, values_of
from kmip_conformance.authoring import (
    V1_4,
    Conversation,
    CryptographicAlgorithm,
    CryptographicUsageMask,
    ObjectType,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)

EXPORT, EXPORT_LATER = "4.40 Export", "6.1.18 Export"
IMPORT, IMPORT_LATER = "4.41 Import", "6.1.25 Import"
EXPORTS = [Operation.REGISTER, Operation.EXPORT]
IMPORTS = [Operation.IMPORT, Operation.GET]
MATERIAL = bytes(range(32))
USAGE = CryptographicUsageMask.ENCRYPT | CryptographicUsageMask.DECRYPT
AES_KEY = requests.of_key(CryptographicAlgorithm.AES, 256, USAGE)
WITH_ATTRIBUTES = "together with its attributes"

exports = partial(check, since=V1_4, cites=kmip_1_4(EXPORT, WITH_ATTRIBUTES), in_2_x=kmip_2_1(EXPORT_LATER, WITH_ATTRIBUTES), needs=EXPORTS)
imports = partial(
    check,
    since=V1_4,
    cites=kmip_1_4(IMPORT, "The request specifies the object being imported and all the attributes to be assigned to the object"),
    in_2_x=kmip_2_1(IMPORT_LATER, "The request specifies the object being imported and all the attributes to be assigned to the object"),
    needs=IMPORTS,
)


@exports("export.object-and-attributes", mutants=["export.attributes-missing", "export.material-altered"])
def an_object_comes_with_its_attributes(kmip: Conversation) -> None:
    """Export returns the object, its type, its identifier, and its attributes: algorithm, length, usage mask, Name, State."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL, own_name())).uid
    answer = kmip.ask(requests.export(key)).succeeds()
    expect(answer.uid == key, "whether it names the object").is_(wanted=True)
    answer.has(Tag.OBJECT_TYPE, ObjectType.SYMMETRIC_KEY)
    expect(answer.key_material == MATERIAL, "whether the material is the same").is_(wanted=True)
    names = [attribute.text(Tag.ATTRIBUTE_NAME) for attribute in answer.all_attributes()]
    expect(names, "the names of the attributes").contains(
        "Cryptographic Algorithm", "Cryptographic Length", "Cryptographic Usage Mask", "Name", "State"
    )


@exports("export.same-as-get-attributes", needs=[*EXPORTS, Operation.GET_ATTRIBUTES])
def what_is_exported_is_what_get_attributes_shows(kmip: Conversation) -> None:
    """The attributes that Export returns have the values that Get Attributes shows."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL, requests.attribute("Object Group", "kmiplab"))).uid
    shown = {(item.text(Tag.ATTRIBUTE_NAME), item.first(Tag.ATTRIBUTE_VALUE)) for item in kmip.ask(requests.export(key)).all_attributes()}
    for name in ("Cryptographic Algorithm", "Cryptographic Length", "Object Group", "Initial Date"):
        expect({(name, value) for value in values_of(kmip, key, name)} <= shown, f"whether it has the {name}").is_(wanted=True)


@exports(
    "export.sensitive-key-refused",
    cites=[kmip_1_4(EXPORT, "SHALL have the same semantics as for the Get operation"), kmip_1_4("3.48 Sensitive")],
    in_2_x=kmip_2_1("4.55 Sensitive", "the server SHALL prevent the object value being retrieved"),
    mutants=["export.sensitive-in-the-clear"],
)
def a_sensitive_key_is_not_exported_in_the_clear(kmip: Conversation) -> None:
    """Export of a Sensitive key, not wrapped, is refused."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL, requests.attribute("Sensitive", value=True))).uid
    kmip.ask(requests.export(key)).refuses(because=Reason.SENSITIVE).or_acceptably(because=Reason.PERMISSION_DENIED)


@exports(
    "export.destroyed-object-has-no-material",
    cites=kmip_1_4(
        EXPORT, "If the Managed Object has been Destroyed then the key material for the specified managed object SHALL not be returned"
    ),
    in_2_x=kmip_2_1(
        EXPORT_LATER,
        "If the Managed Object has been Destroyed then the key material for the specified managed object SHALL not be returned",
    ),
    needs=[*EXPORTS, Operation.DESTROY],
)
def of_a_destroyed_object_no_material_is_exported(kmip: Conversation) -> None:
    """Export of a destroyed key gives its attributes without material, or fails."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL)).uid
    kmip.destroy(key).succeeds().settle()
    answer = kmip.ask(requests.export(key)).succeeds().or_refuses()
    answer.settle()
    expect(MATERIAL in answer.reply.heard, "whether the answer holds the material").is_(wanted=False)


@exports(
    "export.unknown-object-not-found",
    cites=kmip_1_4("11.41 Export", "Object does not exist"),
    in_2_x=kmip_2_1("11.46 Result Reason Enumeration", "A requested managed object was not found or did not exist"),
    needs=[Operation.EXPORT],
)
def an_identifier_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Export of an object that does not exist fails with Item Not Found."""
    kmip.ask(requests.export("no-such-object")).refuses(because=Reason.ITEM_NOT_FOUND)


@exports(
    "export.objects-of-others", cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"), in_2_x=()
)
def an_object_is_exported_to_its_owner_alone(kmip: Conversation, other: Conversation) -> None:
    """Another client does not export an object that is not its own."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL)).uid
    other.ask(requests.export(key)).refuses(because=(Reason.ITEM_NOT_FOUND, Reason.PERMISSION_DENIED))


@imports("import.keeps-the-identifier", mutants=["import.other-identifier", "register.material-altered"])
def an_object_keeps_the_identifier_that_it_comes_with(kmip: Conversation) -> None:
    """Import answers with an identifier under which the object is found with its material: that of the request, or another."""
    uid = label()
    answer = kmip.ask(requests.import_object(uid, ObjectType.SYMMETRIC_KEY, requests.symmetric_key(MATERIAL), *AES_KEY))
    kmip.prefer(answer.uid == uid, "whether the identifier is that of the request").is_(wanted=True)
    expect(kmip.get(answer.uid).key_material == MATERIAL, "whether the material is the same").is_(wanted=True)


@imports(
    "import.attributes-are-those-given",
    cites=kmip_1_4(IMPORT, "all attributes MUST be set to the supplied values rather than any server generated values"),
    in_2_x=kmip_2_1(IMPORT_LATER, "all attributes MUST be set to the supplied values rather than any server generated values"),
    needs=[*IMPORTS, Operation.GET_ATTRIBUTES],
    mutants=["import.dates-made-anew"],
)
def the_attributes_are_those_of_the_request(kmip: Conversation) -> None:
    """An imported object has the Initial Date that it comes with, not that of the Import."""
    born = requests.attribute("Initial Date", 1_500_000_000)
    item = requests.import_object(label(), ObjectType.SYMMETRIC_KEY, requests.symmetric_key(MATERIAL), *AES_KEY, born)
    date = kmip.get_attributes(kmip.ask(item).uid, "Initial Date").attribute("Initial Date")
    expect(date, "the Initial Date").is_(1_500_000_000)


@imports(
    "import.existing-object-refused",
    cites=kmip_1_4("11.42 Import", "Unique identifier already exists on the server and Replace Existing is false or not specified"),
    in_2_x=kmip_2_1("Table 240: Import Errors", "Object Already Exists"),
    needs=[Operation.REGISTER, *IMPORTS],
    mutants=["import.replaces-silently"],
)
def an_object_that_is_there_is_not_replaced(kmip: Conversation) -> None:
    """Import under an identifier that is in use fails with Object Already Exists, and the object stays what it was."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL)).uid
    item = requests.import_object(key, ObjectType.SYMMETRIC_KEY, requests.symmetric_key(bytes(32)), *AES_KEY)
    kmip.ask(item).refuses(because=Reason.OBJECT_ALREADY_EXISTS)
    expect(kmip.get(key).key_material == MATERIAL, "whether the material is what it was").is_(wanted=True)


@imports(
    "import.replaces-when-told",
    cites=kmip_1_4(
        "Table 253: Export Request Payload", "any existing object with the same Unique Identifier SHALL be replaced by this operation"
    ),
    in_2_x=kmip_2_1(
        "Table 238: Import Request Payload", "any existing object with the same Unique Identifier SHALL be replaced by this operation"
    ),
    needs=[Operation.REGISTER, *IMPORTS],
)
def an_object_is_replaced_when_that_is_asked_for(kmip: Conversation) -> None:
    """Import with Replace Existing puts the new object in the place of the one that is there."""
    key = kmip.ask(requests.register_symmetric_key(bytes(32))).uid
    item = requests.import_object(key, ObjectType.SYMMETRIC_KEY, requests.symmetric_key(MATERIAL), *AES_KEY, replace=True)
    kmip.ask(item).succeeds().settle()
    expect(kmip.get(key).key_material == MATERIAL, "whether the material is the new one").is_(wanted=True)


@imports(
    "import.objects-of-others",
    cites=kmip_1_4("3.18.2.1 Default Operation Policy for Secret Objects", "Allowed to owner only"),
    in_2_x=(),
    needs=[Operation.REGISTER, *IMPORTS],
)
def an_object_of_another_is_not_replaced(kmip: Conversation, other: Conversation) -> None:
    """Another client does not replace an object that is not its own by an Import: the owner's stays what it was."""
    key = kmip.ask(requests.register_symmetric_key(MATERIAL)).uid
    item = requests.import_object(key, ObjectType.SYMMETRIC_KEY, requests.symmetric_key(bytes(32)), *AES_KEY, replace=True)
    other.ask(item).refuses().or_succeeds().settle()
    expect(kmip.get(key).key_material == MATERIAL, "whether the owner's material is what it was").is_(wanted=True)
