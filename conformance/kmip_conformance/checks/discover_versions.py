"""Discover Versions (KMIP 1.4, 4.26; since 1.1): which versions a server says that it speaks, and whether it does."""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import (
    MAY,
    SHOULD,
    V1_0,
    V1_1,
    V3_0,
    Conversation,
    KmipVersion,
    Operation,
    Reason,
    Tag,
    check,
    expect,
    kmip_1_4,
    kmip_2_1,
    requests,
)
from kmip_conformance.wire.messages import version_of

RULE = "4.26 Discover Versions"
RANKED = kmip_1_4(RULE, "The protocol versions are ranked in decreasing order of preference.")
SUPPORTED = kmip_1_4(RULE, "The response payload contains a list of protocol versions that are supported by the server.")
COMMON = kmip_1_4(RULE, "the server SHALL return only the protocol versions that are supported by both the client and server")
ALL_COMMON = kmip_1_4(RULE, "The server SHOULD list all the protocol versions supported by both client and server.")
NONE = kmip_1_4(RULE, "the server SHALL return an empty list in the response payload")
ALL = kmip_1_4(RULE, "the server SHOULD return all the protocol versions that are supported by the server")
ELSEWHERE = KmipVersion(9, 9)
NEXT = KmipVersion(1, 99)

rule = partial(check, since=V1_1, needs=[Operation.DISCOVER_VERSIONS])


@rule(
    "discover-versions.lists-the-version-it-came-by",
    level=SHOULD,
    cites=ALL,
    in_2_x=kmip_2_1("6.1.16 Discover Versions", "the server SHOULD return all the protocol versions that are supported by the server"),
)
def the_version_of_the_request_is_listed(kmip: Conversation) -> None:
    """Without a list of the client, the version under which the request was answered is among those returned."""
    listed = kmip.discover_versions().succeeds().payload.all(Tag.PROTOCOL_VERSION)
    expect([version_of(item) for item in listed], "the list of versions").contains(kmip.version)


@rule(
    "discover-versions.listed-versions-are-spoken",
    cites=SUPPORTED,
    in_2_x=kmip_2_1(
        "6.1.16 Discover Versions", "The response payload contains a list of protocol versions that are supported by the server."
    ),
)
def every_version_that_is_listed_is_spoken(kmip: Conversation) -> None:
    """Under every version that is listed, Query succeeds, and is answered under that version."""
    listed = [version_of(item) for item in kmip.discover_versions().succeeds().payload.all(Tag.PROTOCOL_VERSION)]
    spoken = [kmip.again(version=version).query().succeeds().reply.response.version for version in listed]
    expect(spoken, "the versions of the answers").is_(listed)


@rule("discover-versions.newest-first", level=MAY, cites=RANKED, mutants=["discover-versions.ascending-order"])
def newer_versions_are_preferred(kmip: Conversation) -> None:
    """Newer versions stand before older ones, drafts apart: the server's preference is its own, but this is the one to expect."""
    found = [version_of(item) or V1_0 for item in kmip.discover_versions().succeeds().payload.all(Tag.PROTOCOL_VERSION)]
    listed = [version for version in found if version < V3_0]
    expect(listed, "the list of versions").is_(sorted(listed, reverse=True))


@rule(
    "discover-versions.each-once",
    level=SHOULD,
    cites=RANKED,
    in_2_x=kmip_2_1("6.1.16 Discover Versions", "The protocol versions are ranked in decreasing order of preference."),
)
def no_version_is_listed_twice(kmip: Conversation) -> None:
    """No version is listed twice: a rank is one place."""
    listed = [version_of(item) for item in kmip.discover_versions().succeeds().payload.all(Tag.PROTOCOL_VERSION)]
    expect(len(listed), "the number of versions").is_(len(set(listed)))


@rule(
    "discover-versions.only-the-clients",
    cites=COMMON,
    in_2_x=kmip_2_1(
        "6.1.16 Discover Versions", "the server SHALL return only the protocol versions that are supported by both the client and server"
    ),
    mutants=["discover-versions.clients-list-ignored"],
)
def a_client_of_one_version_is_told_that_one(kmip: Conversation) -> None:
    """A client that lists one version which the server speaks is told that version and no other."""
    listed = kmip.discover_versions(kmip.version).succeeds().payload.all(Tag.PROTOCOL_VERSION)
    expect([version_of(item) for item in listed], "the list of versions").is_([kmip.version])


@rule(
    "discover-versions.only-common-ones",
    cites=COMMON,
    in_2_x=kmip_2_1(
        "6.1.16 Discover Versions", "the server SHALL return only the protocol versions that are supported by both the client and server"
    ),
    mutants=["discover-versions.clients-list-ignored"],
)
def versions_that_the_server_lacks_are_not_returned(kmip: Conversation) -> None:
    """Versions that the client lists and the server does not speak are not returned."""
    answer = kmip.discover_versions(ELSEWHERE, NEXT, kmip.version).succeeds()
    listed = [version_of(item) for item in answer.payload.all(Tag.PROTOCOL_VERSION)]
    expect(listed, "the list of versions").is_([kmip.version])


@rule(
    "discover-versions.all-common-ones",
    level=SHOULD,
    cites=ALL_COMMON,
    in_2_x=kmip_2_1("6.1.16 Discover Versions", "The server SHOULD list all the protocol versions supported by both client and server."),
)
def all_common_versions_are_returned(kmip: Conversation) -> None:
    """A client that lists all of the server's versions is told all of them."""
    listed = [version_of(item) for item in kmip.discover_versions().succeeds().payload.all(Tag.PROTOCOL_VERSION)]
    offered = [version for version in listed if version is not None]
    common = [version_of(item) for item in kmip.discover_versions(*offered).succeeds().payload.all(Tag.PROTOCOL_VERSION)]
    expect(set(common), "the versions in common").is_(set(offered))


@rule(
    "discover-versions.none-in-common",
    cites=NONE,
    in_2_x=kmip_2_1("6.1.16 Discover Versions", "the server SHALL return an empty list in the response payload"),
    mutants=["discover-versions.clients-list-ignored"],
)
def no_common_version_is_an_empty_list(kmip: Conversation) -> None:
    """A client whose versions the server does not speak is told so by an empty list, not by a failure."""
    listed = kmip.discover_versions(ELSEWHERE).succeeds().payload.children
    expect([child.tag for child in listed], "the fields of the payload").is_([])


@rule(
    "discover-versions.order-of-the-client",
    cites=RANKED,
    in_2_x=kmip_2_1("6.1.16 Discover Versions", "The protocol versions are ranked in decreasing order of preference."),
)
def the_clients_order_changes_no_membership(kmip: Conversation) -> None:
    """The order in which a client lists its versions does not change which of them are returned."""
    listed = [version_of(item) for item in kmip.discover_versions().succeeds().payload.all(Tag.PROTOCOL_VERSION)]
    offered = [version for version in listed if version is not None]
    forth = kmip.discover_versions(*offered).succeeds().payload.all(Tag.PROTOCOL_VERSION)
    back = kmip.discover_versions(*reversed(offered)).succeeds().payload.all(Tag.PROTOCOL_VERSION)
    expect({version_of(item) for item in back}, "the versions in common").is_({version_of(item) for item in forth})


@rule("discover-versions.nothing-else", cites=kmip_1_4("Table 225: Discover Versions Response Payload"))
def only_versions_are_returned(kmip: Conversation) -> None:
    """The payload holds Protocol Versions, each with a major and a minor part, and nothing else."""
    payload = kmip.discover_versions().succeeds().payload
    expect({child.tag for child in payload.children}, "the kinds of fields in the payload").is_({Tag.PROTOCOL_VERSION})
    expect([item for item in payload.children if version_of(item) is None], "the versions that are not whole").is_([])


@rule(
    "discover-versions.half-a-version",
    cites=kmip_1_4("11.1 General", "Error parsing batch item or payload within batch item"),
    hostile=True,
)
def half_a_version_in_the_list_is_refused(kmip: Conversation) -> None:
    """A Protocol Version without its minor part in the client's list is refused as an invalid message."""
    path = (Tag.BATCH_ITEM, Tag.REQUEST_PAYLOAD, Tag.PROTOCOL_VERSION, Tag.PROTOCOL_VERSION_MINOR)
    message = kmip.request(requests.discover_versions(kmip.version)).without(path)
    kmip.send_bytes(message).is_refused(because=(Reason.INVALID_MESSAGE, Reason.MISSING_DATA, Reason.INVALID_FIELD))


@check("discover-versions.not-yet-in-1.0", until=V1_0, level=SHOULD, cites=kmip_1_4("11.1 General", "Server does not support operation"))
def version_1_0_has_no_discover_versions(kmip: Conversation) -> None:
    """Under 1.0, which has no Discover Versions, it is refused as not supported; clients conclude from it; answering is tolerated."""
    kmip.discover_versions().refuses(because=Reason.OPERATION_NOT_SUPPORTED).or_acceptably_succeeds()
