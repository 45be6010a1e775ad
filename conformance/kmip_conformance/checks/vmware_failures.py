"""Server behaviour that broke vCenter in real life, one check each; the citations are the public reports.

What a whole flow shows anyway (Get Attributes, Activate and Add Attribute missing altogether) is left to the flows in `vmware_vcenter`.
"""

from __future__ import annotations

import ssl
from functools import partial

from kmip_conformance.authoring import V1_1, Citation, Conversation, Operation, Reason, State, Tag, Tls, check, expect, requests
from kmip_conformance.client import Who, refusal
from kmip_conformance.judge.evidence import UNASSIGNED_OPERATION
from kmip_conformance.requests.vcenter import batch_item_id
from kmip_conformance.scenarios import VirtualMachine, vcenter_7_0_3, vcenter_8_0_1
from kmip_conformance.scenarios.facts import other_certificate
from kmip_conformance.scenarios.vcenter import DEMANDED, Line
from kmip_conformance.tables import BatchErrorContinuationOption
from kmip_conformance.wire import encode

CAPTURE = Citation("Traffic of vCenter 7.0.3 build 19480866", "a public log of a KMIP server, April 2025")
CAPTURE_8_0_1 = Citation("Traffic of vCenter 8.0.1 build 21560480", "a public decoded dump, July 2025")
HSM_REFUSES = Citation("Broadcom KB 435158", "hosts cannot enter crypto-safe mode when the KMS refuses a Get")
TIMEOUTS = Citation("Broadcom KB 67115", "vSAN health flaps when the KMS is slow to shake hands")
DIRECT_FETCH = Citation("vSAN management API", "VsanHostEncryptionInfo", "every host is given the one client certificate")

failure = partial(check, since=V1_1, until=V1_1, profiles=["vcenter", "vsan"])


def pykmip(issue: int) -> Citation:
    """A report in PyKMIP's tracker."""
    return Citation("OpenKMIP/PyKMIP", f"issue {issue}")


@failure("vmware.failures.handshake-only-or-reset", cites=pykmip(626), hostile=True)
def connections_without_a_request_leave_the_server_well(kmip: Conversation) -> None:
    """Connections that end after the handshake, orderly or with a reset, leave the server well."""
    for _ in range(10):
        vcenter_7_0_3(kmip).looks()
        kmip.again().connection.reset()
    vcenter_7_0_3(kmip).checks_health()


@failure("vmware.failures.certificate-without-client-auth", cites=[pykmip(234), pykmip(361), pykmip(486), pykmip(717)])
def a_certificate_without_extended_key_usage_is_taken(kmip: Conversation) -> None:
    """A client certificate that does not name clientAuth as a key usage, as vCenter's own often does not, is taken."""
    other_certificate(kmip.target).must_lack_client_auth()
    expect(refusal(kmip.target, tls=Tls(who=Who.OTHER)), "what the server has against the certificate").is_absent()


@failure("vmware.failures.self-signed-leaf", cites=pykmip(672))
def a_self_signed_certificate_can_be_pinned(kmip: Conversation) -> None:
    """A self-signed client certificate that was registered with the server is taken."""
    other_certificate(kmip.target).must_be_self_signed()
    expect(refusal(kmip.target, tls=Tls(who=Who.OTHER)), "what the server has against the certificate").is_absent()


@failure("vmware.failures.unsupported-operation-in-a-batch", cites=[pykmip(661), CAPTURE])
def an_unsupported_operation_fails_for_each_item_alone(kmip: Conversation) -> None:
    """Three items of an operation that the server lacks are answered by three items: version 1.1, their ids, Operation Not Supported."""
    with vcenter_7_0_3(kmip).line() as line:
        ids = tuple(batch_item_id(number) for number in (1, 2, 3))
        items = [requests.batch_item(UNASSIGNED_OPERATION) for _ in ids]
        reply = line.says(encode(requests.request(V1_1, *items, ids=ids, on_error=BatchErrorContinuationOption.CONTINUE)))
        for index in range(3):
            reply[index].refuses(because=Reason.OPERATION_NOT_SUPPORTED).settle()
        line.discovers(with_id=True)


@failure("vmware.failures.state-is-told", cites=[pykmip(218), pykmip(211)], needs=DEMANDED)
def the_state_of_a_key_is_an_enumeration(kmip: Conversation) -> None:
    """Get Attributes tells the State of a key, Pre-Active and later Active, each asked over a connection of its own."""
    vcenter = vcenter_7_0_3(kmip)
    key = vcenter.makes_key()
    for state in (State.PRE_ACTIVE, State.ACTIVE):
        with vcenter.line() as line:
            expect(line.state_of(key), "the State of the key").is_(state)
        vcenter.hands_over(key)


@failure("vmware.failures.pre-active-key-is-given-out", cites=CAPTURE, needs=DEMANDED)
def a_pre_active_key_can_be_fetched(kmip: Conversation) -> None:
    """Get of a Pre-Active key returns it, and the same one after Activate: vCenter fetches first and activates then."""
    vcenter = vcenter_7_0_3(kmip)
    with vcenter.line() as line:
        key = line.creates()
        before = line.fetches(key)
        expect(line.state_of(key), "the State of the key that was fetched").is_(State.PRE_ACTIVE)
        line.activates(key)
        expect(line.fetches(key) == before, "whether the active key is the same").is_(wanted=True)


@failure("vmware.failures.key-outlives-connections", cites=pykmip(660), needs=DEMANDED)
def a_key_is_there_after_every_connection_was_closed(kmip: Conversation) -> None:
    """A key that was created over a connection which ended abruptly is there for the next one, with its type."""
    vcenter = vcenter_7_0_3(kmip)
    talk = kmip.again()
    key = Line(talk, vcenter.shapes).creates()
    talk.connection.reset()
    talk.hang_up()
    vcenter.hands_over(key)


@failure("vmware.failures.unknown-identifiers", cites=Citation("vmware/govmomi", "issue 3605"), needs=DEMANDED)
def an_identifier_of_any_shape_that_names_nothing_is_not_found(kmip: Conversation) -> None:
    """Identifiers that name nothing are Item Not Found: a word, a UUID, an empty one, one of 200 characters."""
    vcenter = vcenter_7_0_3(kmip)
    with vcenter.line() as line:
        for missing in ("invalid", "44444444-4444-4444-8444-444444444444", "x" * 200):
            line.says(vcenter.shapes.get(missing))[0].refuses(because=Reason.ITEM_NOT_FOUND).settle()
        empty = line.says(vcenter.shapes.get(""))[0].refuses(because=Reason.ITEM_NOT_FOUND)
        empty.or_refuses(because=(Reason.INVALID_FIELD, Reason.INVALID_MESSAGE)).settle()


@failure("vmware.failures.tags-without-credential", cites=CAPTURE_8_0_1, needs=DEMANDED)
def tags_are_written_on_the_strength_of_the_certificate(kmip: Conversation) -> None:
    """With a password in use, requests for tags come without it and are authorised by the certificate, or refused one by one."""
    vcenter = vcenter_8_0_1(kmip)
    key = vcenter.makes_key()
    with kmip.step("Discover Versions, Get Attributes and Add Attribute without a credential", "observed"), vcenter.line() as line:
        vcenter.tags_product(line, key)
    with kmip.step("the key itself with the credential", "observed"):
        vcenter.hands_over(key)


@failure("vmware.failures.fetched-while-tagged", cites=CAPTURE, needs=DEMANDED)
def a_key_is_fetched_and_tagged_at_the_same_time(kmip: Conversation) -> None:
    """Fifty times, Get and Activate of a key over one connection meet the tagging of the same key over another."""
    vcenter = vcenter_7_0_3(kmip)
    for number in range(50):
        key, machine = vcenter.makes_key(), VirtualMachine(name=f"vm{number}")
        acts = (partial(Line.takes_into_use, key=key), partial(vcenter.tags_machine, key=key, machine=machine))
        vcenter.at_once(*acts)


@failure("vmware.failures.boot-storm", cites=TIMEOUTS, needs=DEMANDED)
def a_storm_of_hosts_is_answered(kmip: Conversation) -> None:
    """Thirty-two hosts that each fetch two keys over new connections at once are all answered."""
    vcenter = vcenter_7_0_3(kmip)
    keys = [vcenter.makes_key(), vcenter.makes_key()]
    wanted = [vcenter.hands_over(key) for key in keys]
    fetched = vcenter.at_once(*[lambda line: [line.fetches(key) for key in keys]] * 32)
    expect(all(materials == wanted for materials in fetched), "whether every host got both keys").is_(wanted=True)


@failure("vmware.failures.one-certificate-many-hosts", cites=DIRECT_FETCH, needs=DEMANDED[:1])
def one_certificate_may_be_connected_many_times(kmip: Conversation) -> None:
    """Twenty-four connections with one certificate are open at the same time, and each is answered more than once."""
    vcenter = vcenter_7_0_3(kmip)
    lines = [Line(kmip.again(), vcenter.shapes) for _ in range(24)]
    for line in [*lines, *lines]:
        line.discovers(with_id=True)
    for line in lines:
        line.talk.hang_up()


@failure("vmware.failures.modern-ciphers", cites=CAPTURE)
def tls_1_2_is_offered_with_forward_secrecy(kmip: Conversation) -> None:
    """TLS 1.2, which vCenter 7 speaks, is offered with a cipher suite that has forward secrecy and authenticated encryption."""
    modern = Tls(minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_2, ciphers="ECDHE+AESGCM")
    expect(refusal(kmip.target, tls=modern), "what the server has against TLS 1.2 with ECDHE and AES-GCM").is_absent()


@failure("vmware.failures.refused-get-keeps-the-connection", cites=HSM_REFUSES, needs=[*DEMANDED, Operation.DESTROY])
def a_refused_get_is_an_answer_and_the_connection_lives_on(kmip: Conversation) -> None:
    """A Get that cannot be served is refused in order, and the same connection serves the next one."""
    vcenter = vcenter_7_0_3(kmip)
    gone, there = vcenter.makes_key(), vcenter.makes_key()
    kmip.destroy(gone).succeeds().settle()
    with vcenter.line() as line:
        line.says(vcenter.shapes.get(gone))[0].refuses().settle()
        line.fetches(there)


@failure("vmware.failures.no-stray-fields", cites=CAPTURE_8_0_1, needs=DEMANDED)
def a_get_holds_what_the_standard_says_and_nothing_else(kmip: Conversation) -> None:
    """Get answers with Object Type, Unique Identifier and a Symmetric Key that holds a Key Block alone."""
    vcenter = vcenter_7_0_3(kmip)
    with vcenter.line() as line:
        payload = line.asks(vcenter.shapes.get(line.creates())).payload
        expect([item.tag for item in payload.children], "the fields of the payload").is_(
            [Tag.OBJECT_TYPE, Tag.UNIQUE_IDENTIFIER, Tag.SYMMETRIC_KEY]
        )
        expect([item.tag for item in payload.children[-1].children], "the fields of the Symmetric Key").is_([Tag.KEY_BLOCK])
