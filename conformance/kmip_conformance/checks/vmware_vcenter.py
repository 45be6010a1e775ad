"""The flows of vCenter (S1 to S8), as captured from 7.0.3 and 8.0.1 and reported of 6.5 and 6.7.

Always under KMIP 1.1, the version that vCenter speaks whatever a server offers. Every step is marked: observed, reported or inferred.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kmip_conformance.authoring import V1_1, Citation, Conversation, Reason, State, Tls, check, expect
from kmip_conformance.certificates import self_signed
from kmip_conformance.client import Who, refusal
from kmip_conformance.scenarios import VirtualMachine, vcenter_6_7, vcenter_7_0_3, vcenter_8_0_1
from kmip_conformance.scenarios.vcenter import DEMANDED

if TYPE_CHECKING:
    from pathlib import Path

CAPTURE_7_0_3 = Citation("Traffic of vCenter 7.0.3 build 19480866", "a public log of a KMIP server, April 2025")
CAPTURE_8_0_1 = Citation("Traffic of vCenter 8.0.1 build 21560480", "a public decoded dump, July 2025")
SECURITY_GUIDE = Citation("VMware vSphere Security", "Virtual Machine Encryption", "the process of encrypting and of joining a cluster")
KEY_STATUS = Citation("vmware/govmomi issue 3605", "key status as a real vCenter reports it")


flow = partial(check, since=V1_1, until=V1_1, profiles=["vcenter"])


@flow("vmware.vcenter-7.0.3.comes-unknown", cites=CAPTURE_7_0_3, hostile=True)
def a_burst_of_failed_handshakes_does_no_harm(kmip: Conversation, tmp_path: Path) -> None:
    """Twenty handshakes with an unknown certificate, or none, fail cleanly, and a known vCenter is served at once afterwards."""
    stranger = Tls(identity=self_signed(tmp_path, "kmipClient20161127094708"))
    with kmip.step("18 connections with a self-made certificate that the server does not know", "observed"):
        refused = [refusal(kmip.target, tls=stranger) is not None for _ in range(18)]
        expect(refused, "whether each was refused").is_([True] * 18)
    with kmip.step("2 connections without a certificate, as 6.5 makes them", "reported"):
        refused = [refusal(kmip.target, tls=Tls(who=Who.NOBODY)) is not None for _ in range(2)]
        expect(refused, "whether each was refused").is_([True, True])
    vcenter_7_0_3(kmip).establishes_trust()


@flow("vmware.vcenter-7.0.3.establishes-trust", cites=CAPTURE_7_0_3, needs=DEMANDED[:1])
def vcenter_establishes_trust(kmip: Conversation) -> None:
    """First contact: handshakes alone and beside Discover Versions, Query once, each on a short-lived connection."""
    vcenter_7_0_3(kmip).establishes_trust()


@flow("vmware.vcenter-7.0.3.checks-health", cites=CAPTURE_7_0_3, needs=DEMANDED[:1])
def vcenter_checks_health(kmip: Conversation) -> None:
    """Nineteen rounds of the five-minute health check, time compressed, and five refreshes by a person all find the server well."""
    vcenter = vcenter_7_0_3(kmip)
    with kmip.step("19 rounds of the timer: a handshake alone, then Discover Versions twice", "observed"):
        for _ in range(19):
            vcenter.checks_health()
    with kmip.step("5 refreshes of the page of key providers", "observed"):
        for _ in range(5):
            vcenter.refreshes_status()


@flow("vmware.vcenter-6.7.encrypts-a-vm", cites=SECURITY_GUIDE, needs=DEMANDED)
def vcenter_6_7_encrypts_a_virtual_machine(kmip: Conversation) -> None:
    """A vCenter that writes no custom attributes encrypts a virtual machine."""
    vcenter_6_7(kmip).encrypts_machine()


@flow("vmware.vcenter-7.0.3.encrypts-a-vm", cites=CAPTURE_7_0_3, needs=DEMANDED)
def vcenter_7_0_3_encrypts_a_virtual_machine(kmip: Conversation) -> None:
    """A virtual machine is encrypted on a host without a host key: two keys, tagged and fetched over connections that overlap."""
    vcenter_7_0_3(kmip).encrypts_machine()


@flow("vmware.vcenter-7.0.3.encrypts-another-vm", cites=CAPTURE_7_0_3, needs=DEMANDED)
def vcenter_7_0_3_encrypts_on_a_safe_host(kmip: Conversation) -> None:
    """Four virtual machines are encrypted one after another on a host that has its key already."""
    vcenter = vcenter_7_0_3(kmip)
    keys = [
        vcenter.encrypts_another_machine(VirtualMachine(f"4226f566-3ed5-1c8f-cda3-{number:012x}", f"vm{number}")) for number in range(4)
    ]
    expect(len(set(keys)), "the number of different keys").is_(4)


@flow("vmware.vcenter-8.0.1-userpass.encrypts-a-vm", cites=CAPTURE_8_0_1, needs=DEMANDED)
def vcenter_8_0_1_encrypts_with_user_name_and_password(kmip: Conversation) -> None:
    """With a user name and password, sent with the requests for keys and not with those for tags, a virtual machine is encrypted."""
    vcenter_8_0_1(kmip).encrypts_another_machine(VirtualMachine())


@flow("vmware.vcenter-7.0.3.powers-on-a-vm", cites=SECURITY_GUIDE, needs=DEMANDED)
def vcenter_fetches_the_key_again_for_each_host(kmip: Conversation) -> None:
    """After a power cycle, a reboot, or for each host of a cluster, the key of a machine is there, Active, and the same."""
    vcenter = vcenter_7_0_3(kmip)
    key = vcenter.encrypts_another_machine(VirtualMachine())
    with kmip.step("three hosts ask for the key through vCenter", "observed"):
        materials = {vcenter.hands_over(key) for _ in range(3)}
    expect(len(materials), "the number of different keys that they got").is_(1)


@flow("vmware.vcenter-7.0.3.asks-for-key-status", cites=KEY_STATUS, needs=DEMANDED)
def a_generated_key_stays_pre_active_and_a_missing_one_is_missing(kmip: Conversation) -> None:
    """A generated key that nobody used is Pre-Active; an identifier that names nothing, whatever it looks like, is Item Not Found."""
    vcenter = vcenter_7_0_3(kmip)
    key = vcenter.makes_key()
    with kmip.step("the status of a key that was only generated", "reported"), vcenter.line() as line:
        expect(line.state_of(key), "the State of the key").is_(State.PRE_ACTIVE)
    with kmip.step("the status of keys that are not there", "inferred"), vcenter.line() as line:
        for missing in ("invalid", "0eab5ca4-5d0c-41fa-9c33-9b3ba1b0ba0c", "9" * 200):
            line.says(vcenter.shapes.get(missing))[0].refuses(because=Reason.ITEM_NOT_FOUND).settle()
            line.says(vcenter.shapes.get_state(missing))[0].refuses(because=Reason.ITEM_NOT_FOUND).settle()


@flow("vmware.vcenter-7.0.3.rekeys-a-vm", cites=SECURITY_GUIDE, needs=DEMANDED)
def a_recrypted_machine_has_a_new_key_and_the_old_one_lives_on(kmip: Conversation) -> None:
    """Shallow or deep, a rekey is a new key beside the old one: both can be had, and they differ."""
    vcenter = vcenter_7_0_3(kmip)
    old = vcenter.encrypts_another_machine(VirtualMachine())
    with kmip.step("a new key is created, fetched, activated and tagged", "inferred"):
        new = vcenter.encrypts_another_machine(VirtualMachine())
    with kmip.step("the old key is fetched for a host that lacks it", "inferred"):
        expect(vcenter.hands_over(old) != vcenter.hands_over(new), "whether old and new key differ").is_(wanted=True)


@flow("vmware.vcenter-7.0.3.clones-a-vm-with-vtpm", cites=SECURITY_GUIDE, needs=DEMANDED)
def a_key_that_is_tagged_already_keeps_its_tags(kmip: Conversation) -> None:
    """A clone shares the key of its template: the tags on it are found and stay as they are."""
    vcenter = vcenter_7_0_3(kmip)
    key = vcenter.encrypts_another_machine(VirtualMachine(name="template"))
    with kmip.step("the clone's connection finds the tags", "inferred"), vcenter.line() as line:
        answer = line.says(vcenter.shapes.get_tag(key, "x-Name"))[0].succeeds()
        expect([str(item.children[-1].value) for item in answer.attributes("x-Name")], "the values of x-Name").is_one_of(["template"], [])
        line.takes_into_use(key)
