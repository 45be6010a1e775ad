"""Query (KMIP 1.4, 4.25): what a server says of itself, function by function, and whether it is true."""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import (
    SHOULD,
    V1_1,
    V1_2,
    V1_3,
    V1_4,
    Conversation,
    ObjectType,
    Operation,
    QueryFunction,
    Reason,
    ResultStatus,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
    words,
)
from kmip_conformance.tables import BatchErrorContinuationOption, exists_in, operations
from kmip_conformance.wire.schema import misfits

RULE = "4.25 Query"
ALL_OPERATIONS = kmip_1_4(RULE, "which SHALL list all the operations that the server supports")
ALL_OBJECTS = kmip_1_4(RULE, "which SHALL list all the object types that the server supports")
EMPTY = kmip_1_4(RULE, "Note that the response payload is empty if there are no values to return.")
EXTENSIONS = kmip_1_4(RULE, "the Extension Tag and Extension Type fields SHALL be specified in the Extension Information values")
UNDEFINED = kmip_1_4(
    "9.1.1.4 Item Value", "Extensions, which are permitted, but are not defined in this specification, contain the value 8 hex"
)
NOT_SUPPORTED = kmip_1_4("11.1 General", "Server does not support operation")
INVALID = (Reason.INVALID_FIELD, Reason.INVALID_MESSAGE)

rule = partial(check, needs=[Operation.QUERY])


@rule(
    "query.names-itself",
    cites=ALL_OPERATIONS,
    in_2_x=kmip_2_1("6.1.40 Query", "which SHALL list all the operations that the server supports"),
)
def query_lists_query(kmip: Conversation) -> None:
    """Query lists Query among the operations."""
    expect(kmip.query().succeeds().values_of(Tag.OPERATION), "the list of operations").contains(Operation.QUERY)


@check(
    "query.lists-what-works",
    cites=ALL_OPERATIONS,
    in_2_x=kmip_2_1("6.1.40 Query", "which SHALL list all the operations that the server supports"),
    needs=[Operation.CREATE],
    mutants=["query.hides-an-operation"],
)
def every_operation_that_works_is_listed(kmip: Conversation) -> None:
    """Every operation that succeeds is listed: those that serve a key from Create to Destroy."""
    listed = kmip.query().succeeds().values_of(Tag.OPERATION)
    key = kmip.has_key()
    tried = {
        Operation.GET: requests.get(key),
        Operation.GET_ATTRIBUTES: requests.get_attributes(key, "State"),
        Operation.GET_ATTRIBUTE_LIST: requests.get_attribute_list(key),
        Operation.LOCATE: requests.locate(requests.name("kmiplab-no-such-name")),
        Operation.ACTIVATE: requests.activate(key),
        Operation.CHECK: requests.check(key),
        Operation.REVOKE: requests.revoke(key, 5),
        Operation.DESTROY: requests.destroy(key),
    }
    worked = [code for code, item in tried.items() if kmip.send(item).response.batch_items[0].result_status == ResultStatus.SUCCESS]
    hidden = [words(code) for code in [Operation.CREATE, *worked] if code not in listed]
    expect(hidden, "the operations that work and are not listed").is_([])


@rule(
    "query.listed-operations-are-supported",
    cites=[ALL_OPERATIONS, NOT_SUPPORTED],
    mutants=["query.advertises-what-it-refuses"],
)
def no_operation_that_is_listed_is_refused_as_not_supported(kmip: Conversation) -> None:
    """No operation of clients that Query lists is refused as one that the server does not support."""
    theirs = {row.number for row in operations(kmip.version) if row.sent_by == "client"}
    listed = [Operation(code) for code in kmip.query().succeeds().values_of(Tag.OPERATION) if code in theirs]
    answers = {code: kmip.send(requests.batch_item(code)).response.batch_items[0] for code in listed}
    refused = [words(code) for code, item in answers.items() if item.result_reason == Reason.OPERATION_NOT_SUPPORTED]
    expect(refused, "the operations that are listed and not supported").is_([])


@rule(
    "query.other-operations-are-refused",
    cites=[ALL_OPERATIONS, NOT_SUPPORTED],
    in_2_x=kmip_2_1("6.1.40 Query", "which SHALL list all the operations that the server supports"),
    mutants=["query.hides-an-operation"],
)
def an_operation_that_is_not_listed_is_refused(kmip: Conversation) -> None:
    """Every operation that Query does not list is refused, as one that the server does not support."""
    listed = kmip.query().succeeds().values_of(Tag.OPERATION)
    for row in operations(kmip.version):
        if row.sent_by == "client" and row.number not in {*listed, Operation.RE_PROVISION}:  # it would take the client's certificate away
            kmip.ask(requests.batch_item(row.number)).refuses(because=Reason.OPERATION_NOT_SUPPORTED).or_acceptably().settle()


@rule(
    "query.operations-of-the-version",
    cites=[ALL_OPERATIONS, UNDEFINED],
    in_2_x=kmip_2_1("6.1.40 Query", "which SHALL list all the operations that the server supports"),
)
def every_listed_operation_is_one_of_the_version(kmip: Conversation) -> None:
    """Every operation that Query lists is one that the version has, or a vendor's."""
    listed = [Operation(code) for code in kmip.query().succeeds().values_of(Tag.OPERATION) if code in set(Operation)]
    later = [words(code) for code in listed if not exists_in(code, kmip.version)]
    expect(later, "the operations of other versions").is_([])


@rule(
    "query.objects-of-the-version",
    cites=[ALL_OBJECTS, UNDEFINED],
    in_2_x=kmip_2_1("6.1.40 Query", "which SHALL list all the object types that the server supports"),
)
def every_listed_object_type_is_one_of_the_version(kmip: Conversation) -> None:
    """Every object type that Query lists is one that the version has, or a vendor's."""
    listed = kmip.query(QueryFunction.QUERY_OBJECTS).succeeds().values_of(Tag.OBJECT_TYPE)
    known = [ObjectType(code) for code in listed if code in set(ObjectType)]
    expect([words(code) for code in known if not exists_in(code, kmip.version)], "the object types of other versions").is_([])


@check(
    "query.lists-objects-that-work",
    cites=ALL_OBJECTS,
    in_2_x=kmip_2_1("6.1.40 Query", "which SHALL list all the object types that the server supports"),
    needs=[Operation.CREATE],
)
def a_type_that_can_be_created_is_listed(kmip: Conversation) -> None:
    """A server that creates symmetric keys lists Symmetric Key among the object types."""
    kmip.has_key()
    listed = kmip.query(QueryFunction.QUERY_OBJECTS).succeeds().values_of(Tag.OBJECT_TYPE)
    expect(listed, "the list of object types").contains(ObjectType.SYMMETRIC_KEY)


@check(
    "query.lists-objects-that-can-be-registered",
    cites=ALL_OBJECTS,
    in_2_x=kmip_2_1("6.1.40 Query", "which SHALL list all the object types that the server supports"),
    needs=[Operation.REGISTER],
)
def a_type_that_can_be_registered_is_listed(kmip: Conversation) -> None:
    """A server that registers Secret Data or Opaque Objects lists them among the object types."""
    listed = kmip.query(QueryFunction.QUERY_OBJECTS).succeeds().values_of(Tag.OBJECT_TYPE)
    tried = {
        ObjectType.SECRET_DATA: requests.register_secret_data(b"not very secret"),
        ObjectType.OPAQUE_OBJECT: requests.register_opaque(b"opaque"),
    }
    worked = [code for code, item in tried.items() if kmip.send(item).response.batch_items[0].result_status == ResultStatus.SUCCESS]
    expect([words(code) for code in worked if code not in listed], "the object types that work and are not listed").is_([])


@rule(
    "query.vendor-identification",
    cites=kmip_1_4(RULE, "Vendor Identification | No | SHALL be returned if Query Server Information is requested."),
    in_2_x=kmip_2_1("6.1.40 Query", "Vendor Identification | No | SHALL be returned if Query Server Information is requested."),
)
def the_vendor_says_who_it_is(kmip: Conversation) -> None:
    """Query Server Information returns a Vendor Identification, a text that is not empty."""
    vendor = kmip.query(QueryFunction.QUERY_SERVER_INFORMATION).value(Tag.VENDOR_IDENTIFICATION)
    expect(isinstance(vendor, str) and vendor.strip() != "", "whether it is a text").is_(wanted=True)


@rule(
    "query.server-information",
    level=SHOULD,
    cites=kmip_1_4(RULE, "If the request contains a Query Server Information value in the Query Function field, then this field SHALL be"),
    in_2_x=kmip_2_1(
        "6.2.4 Query", "If the request contains a Query Server Information value in the Query Function field, then this field SHALL be"
    ),
)
def the_server_information_is_returned(kmip: Conversation) -> None:
    """Query Server Information returns a Server Information structure; the text of the clause demands it, its table does not."""
    answer = kmip.query(QueryFunction.QUERY_SERVER_INFORMATION).succeeds()
    expect(answer.find(Tag.SERVER_INFORMATION), "the Server Information").is_present()


@rule(
    "query.only-what-is-asked",
    level=SHOULD,
    cites=kmip_1_4(RULE, "Determines the information being queried."),
    in_2_x=kmip_2_1("6.1.40 Query", "Determines the information being queried."),
    mutants=["query.answers-more-than-asked"],
)
def only_what_is_asked_for_is_returned(kmip: Conversation) -> None:
    """Query Objects alone returns Object Types and nothing else."""
    tags = {child.tag for child in kmip.query(QueryFunction.QUERY_OBJECTS).succeeds().payload.children}
    expect(tags, "the kinds of fields in the payload").is_one_of({Tag.OBJECT_TYPE}, set())


@rule(
    "query.namespaces-only-when-asked",
    cites=kmip_1_4(
        RULE, "These fields SHALL only be returned in the response if the request contains a Query Application Namespaces value"
    ),
)
def namespaces_are_returned_when_asked_for_alone(kmip: Conversation) -> None:
    """Application Namespaces are returned when they are asked for, and not with operations, objects and server information."""
    asked = (QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS, QueryFunction.QUERY_SERVER_INFORMATION)
    kmip.query(*asked).succeeds().lacks(Tag.APPLICATION_NAMESPACE)


@rule(
    "query.application-namespaces",
    cites=EMPTY,
    in_2_x=kmip_2_1("6.1.40 Query", "Note that the response payload is empty if there are no values to return."),
)
def the_namespaces_are_answered(kmip: Conversation) -> None:
    """Query Application Namespaces succeeds, and returns Application Namespaces or nothing."""
    tags = {child.tag for child in kmip.query(QueryFunction.QUERY_APPLICATION_NAMESPACES).succeeds().payload.children}
    expect(tags - {Tag.APPLICATION_NAMESPACE}, "the other fields in the payload").is_(set())


@rule(
    "query.several-functions",
    cites=kmip_1_4(RULE, "SHALL contain one or more of the following items"),
    in_2_x=kmip_2_1("6.1.40 Query", "SHALL contain one or more of the following items"),
)
def several_functions_are_answered_together(kmip: Conversation) -> None:
    """Several functions in one Query return what each of them returns alone."""
    functions = (QueryFunction.QUERY_OPERATIONS, QueryFunction.QUERY_OBJECTS)
    together = kmip.query(*functions).succeeds()
    alone = [kmip.query(function).succeeds() for function in functions]
    expect(set(together.values_of(Tag.OPERATION)), "the operations").is_(set(alone[0].values_of(Tag.OPERATION)))
    expect(set(together.values_of(Tag.OBJECT_TYPE)), "the object types").is_(set(alone[1].values_of(Tag.OBJECT_TYPE)))


@rule("query.functions-in-another-order", cites=kmip_1_4("7 Message Format", "All fields SHALL appear in the order specified."))
def the_order_of_the_answer_is_that_of_the_table(kmip: Conversation) -> None:
    """Operations stand before Object Types, and these before the Vendor Identification, in whatever order they were asked for."""
    functions = (QueryFunction.QUERY_SERVER_INFORMATION, QueryFunction.QUERY_OBJECTS, QueryFunction.QUERY_OPERATIONS)
    order = [Tag.OPERATION, Tag.OBJECT_TYPE, Tag.VENDOR_IDENTIFICATION]
    tags = list(dict.fromkeys(child.tag for child in kmip.query(*functions).succeeds().payload.children))
    expect([tag for tag in tags if tag in order], "the order of the fields").is_([tag for tag in order if tag in tags])


@rule("query.answer-is-that-of-the-version", cites=kmip_1_4("Table 223: Query Response Payload"))
def everything_asked_at_once_is_answered_in_the_terms_of_the_version(kmip: Conversation) -> None:
    """All functions of the version asked at once are answered with fields of the version, of their types, in their order."""
    functions = [function for function in QueryFunction if exists_in(function, kmip.version)]
    response = kmip.query(*functions).succeeds().reply.response
    expect([str(misfit) for misfit in misfits(response, kmip.version)], "what the tables do not hold").is_([])


@rule(
    "query.extension-list",
    since=V1_1,
    cites=kmip_1_4("2.1.9 Extension Information", "Extension Name | Text String | Yes"),
    in_2_x=kmip_2_1("7.13 Extension Information", "Extension Name | Text String | Yes"),
)
def the_extension_list_names_extensions(kmip: Conversation) -> None:
    """Query Extension List succeeds; each Extension Information that it returns has a name."""
    extensions = kmip.query(QueryFunction.QUERY_EXTENSION_LIST).succeeds().payload.all(Tag.EXTENSION_INFORMATION)
    expect([item for item in extensions if item.text(Tag.EXTENSION_NAME) is None], "the extensions without a name").is_([])


@rule(
    "query.extension-map",
    since=V1_1,
    cites=EXTENSIONS,
    in_2_x=kmip_2_1("6.2.4 Query", "the Extension Tag and Extension Type fields SHALL be specified in the Extension Information values"),
)
def the_extension_map_tells_tags_and_types(kmip: Conversation) -> None:
    """Query Extension Map succeeds; each Extension Information that it returns has a tag and a type."""
    extensions = kmip.query(QueryFunction.QUERY_EXTENSION_MAP).succeeds().payload.all(Tag.EXTENSION_INFORMATION)
    mapped = [item for item in extensions if item.number(Tag.EXTENSION_TAG) is not None and item.number(Tag.EXTENSION_TYPE) is not None]
    expect(len(mapped), "the number of extensions with tag and type").is_(len(extensions))


@rule(
    "query.extension-map-before-list",
    since=V1_3,
    cites=kmip_1_4(RULE, "only the response to Query Extension Map SHALL be returned and the Query Extension List SHALL be ignored"),
    in_2_x=kmip_2_1(
        "6.1.40 Query", "only the response to Query Extension Map SHALL be returned and the Query Extension List SHALL be ignored"
    ),
)
def the_extension_map_takes_the_place_of_the_list(kmip: Conversation) -> None:
    """Query Extension List beside Query Extension Map is ignored."""
    both = kmip.query(QueryFunction.QUERY_EXTENSION_LIST, QueryFunction.QUERY_EXTENSION_MAP).succeeds().payload
    mapped = kmip.query(QueryFunction.QUERY_EXTENSION_MAP).succeeds().payload
    expect(both == mapped, "whether both return what the map returns alone").is_(wanted=True)


@rule(
    "query.attestation-types",
    since=V1_2,
    cites=EMPTY,
    in_2_x=kmip_2_1("6.1.40 Query", "Note that the response payload is empty if there are no values to return."),
)
def the_attestation_types_are_answered(kmip: Conversation) -> None:
    """Query Attestation Types succeeds, and returns Attestation Types or nothing."""
    tags = {child.tag for child in kmip.query(QueryFunction.QUERY_ATTESTATION_TYPES).succeeds().payload.children}
    expect(tags - {Tag.ATTESTATION_TYPE}, "the other fields in the payload").is_(set())


@rule(
    "query.random-number-generators",
    since=V1_3,
    cites=kmip_1_4(RULE, "then it SHALL return an RNG Parameters with the RNG Algorithm enumeration of Unspecified"),
    in_2_x=kmip_2_1("6.1.40 Query", "then it SHALL return an RNG Parameters with the RNG Algorithm enumeration of Unspecified"),
)
def the_random_number_generators_are_told(kmip: Conversation) -> None:
    """Query RNGs returns RNG Parameters with an RNG Algorithm, if only Unspecified."""
    generators = kmip.query(QueryFunction.QUERY_RNGS).succeeds().payload.all(Tag.RNG_PARAMETERS)
    expect(len(generators) > 0, "whether there are RNG Parameters").is_(wanted=True)
    expect([item for item in generators if item.number(Tag.RNG_ALGORITHM) is None], "those without an RNG Algorithm").is_([])


@rule(
    "query.validations",
    since=V1_3,
    cites=kmip_1_4(RULE, "then zero or more Validation Information fields SHALL be returned"),
    in_2_x=kmip_2_1("6.1.40 Query", "then zero or more Validation Information fields SHALL be returned"),
)
def the_validations_are_answered(kmip: Conversation) -> None:
    """Query Validations succeeds, and returns Validation Information or nothing."""
    tags = {child.tag for child in kmip.query(QueryFunction.QUERY_VALIDATIONS).succeeds().payload.children}
    expect(tags - {Tag.VALIDATION_INFORMATION}, "the other fields in the payload").is_(set())


@rule("query.profiles", since=V1_3, cites=kmip_1_4("2.1.19 Profile Information", "Profile Name | Enumeration, see 9.1.3.2.42 | Yes"))
def the_profiles_are_named(kmip: Conversation) -> None:
    """Query Profiles succeeds; each Profile Information that it returns has a Profile Name."""
    profiles = kmip.query(QueryFunction.QUERY_PROFILES).succeeds().payload.all(Tag.PROFILE_INFORMATION)
    expect([item for item in profiles if item.number(Tag.PROFILE_NAME) is None], "the profiles without a name").is_([])


@rule(
    "query.capabilities",
    since=V1_3,
    cites=kmip_1_4(RULE, "The Capability Information fields in the response contain details of the capability"),
    in_2_x=kmip_2_1("6.2.4 Query", "The Capability Information fields in the response contain details of the capability"),
)
def the_capabilities_are_answered(kmip: Conversation) -> None:
    """Query Capabilities succeeds, and returns Capability Information or nothing."""
    tags = {child.tag for child in kmip.query(QueryFunction.QUERY_CAPABILITIES).succeeds().payload.children}
    expect(tags - {Tag.CAPABILITY_INFORMATION}, "the other fields in the payload").is_(set())


@check(
    "query.batch-capabilities-are-true",
    since=V1_4,
    cites=kmip_1_4("2.1.21 Capability Information", "details of the supported capabilities"),
    in_2_x=kmip_2_1("7.5 Capability Information", "details of the supported capabilities"),
    needs=[Operation.QUERY],
)
def the_capabilities_of_batches_are_true(kmip: Conversation) -> None:
    """A server that claims Batch Undo or Batch Continue does not reject a batch that asks for it."""
    said = kmip.query(QueryFunction.QUERY_CAPABILITIES).succeeds().payload.first(Tag.CAPABILITY_INFORMATION)
    options = {
        Tag.BATCH_UNDO_CAPABILITY: BatchErrorContinuationOption.UNDO,
        Tag.BATCH_CONTINUE_CAPABILITY: BatchErrorContinuationOption.CONTINUE,
    }
    claimed = [option for tag, option in options.items() if said is not None and said.number(tag)]
    asking = requests.query(QueryFunction.QUERY_OPERATIONS)
    answered = [kmip.send(asking, asking, on_error=option).response.batch_items[0].result_status for option in claimed]
    expect(answered, "the Result Statuses of such batches").is_([ResultStatus.SUCCESS for _ in claimed])


@rule(
    "query.client-registration-methods",
    since=V1_3,
    cites=EMPTY,
    in_2_x=kmip_2_1("6.1.40 Query", "Note that the response payload is empty if there are no values to return."),
)
def the_registration_methods_are_answered(kmip: Conversation) -> None:
    """Query Client Registration Methods succeeds, and returns Client Registration Methods or nothing."""
    tags = {child.tag for child in kmip.query(QueryFunction.QUERY_CLIENT_REGISTRATION_METHODS).succeeds().payload.children}
    expect(tags - {Tag.CLIENT_REGISTRATION_METHOD}, "the other fields in the payload").is_(set())


@rule("query.later-function", until=V1_2, cites=kmip_1_4("6.10 Result Reason", "Some data item in the request has an invalid value"))
def a_function_of_a_later_version_tells_nothing(kmip: Conversation) -> None:
    """Query RNGs, which came with 1.3, is refused before, or returns nothing."""
    answer = kmip.query(QueryFunction.QUERY_RNGS).refuses(because=INVALID).or_succeeds()
    expect(answer.values_of(Tag.RNG_PARAMETERS), "the RNG Parameters").is_([])


@rule("query.unknown-function", cites=kmip_1_4("6.10 Result Reason", "Some data item in the request has an invalid value"))
def a_function_that_nobody_knows_is_refused(kmip: Conversation) -> None:
    """A Query Function of 7FFFFFFF, which no version has, is refused as an invalid field; ignoring it is tolerated."""
    kmip.query(0x7FFFFFFF).refuses(because=INVALID).or_acceptably_succeeds()


@rule("query.without-password", level=SHOULD, cites=kmip_1_4(RULE, "SHOULD be invocable by unauthenticated clients"))
def query_asks_for_no_password(kmip: Conversation) -> None:
    """Query is answered without a user name and password."""
    kmip.again(authenticates=False).query().succeeds()
