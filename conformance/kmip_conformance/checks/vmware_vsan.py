"""The flows of vSAN (S9 to S13): hosts that fetch the cluster's keys themselves, all with one certificate.

No capture of a vSAN host is public; what is known comes from VMware's and IBM's documents (reported), the rest is concluded (inferred).
"""

from __future__ import annotations

from functools import partial

from kmip_conformance.authoring import V1_1, Citation, Conversation, Operation, Reason, RevocationReasonCode, State, check, expect
from kmip_conformance.scenarios import VsanCluster, vcenter_7_0_3
from kmip_conformance.scenarios.vcenter import DEMANDED

TWO_KEYS = Citation("IBM Cloud, KMIP for VMware", "Keys", "two standard keys for each vSAN cluster")
BOOTING = Citation("VMware blog, 13 July 2018", "Booting when vCenter is unavailable", "hosts ask the KMS themselves")
HEALTH = Citation("vSAN management API", "VsanKmsHealth", "the host can connect to the KMS and get the key from it")
REKEY = Citation("vSAN management API", "VsanEncryptedClusterRekey_Task")
REMOVAL = Citation("VMware SDK guide", "Key Lifecycle and Removal", "keys are removed on the KMS, never by vCenter")


flow = partial(check, since=V1_1, until=V1_1, profiles=["vsan"])


@flow("vmware.vsan.enables-encryption", cites=TWO_KEYS, needs=DEMANDED)
def all_hosts_fetch_both_keys_at_once(kmip: Conversation) -> None:
    """Eight hosts with one certificate fetch the cluster's two keys at the same time, and all get the same bytes."""
    keys = VsanCluster(vcenter_7_0_3(kmip)).enables_encryption()
    expect(keys[0] != keys[1], "whether the two keys differ").is_(wanted=True)


@flow("vmware.vsan.host-reboots", cites=BOOTING, needs=DEMANDED)
def a_rebooted_host_gets_its_keys_without_vcenter(kmip: Conversation) -> None:
    """Hosts that lost their memory get both keys again by identifier: one alone, then the whole cluster after a power failure."""
    cluster = VsanCluster(vcenter_7_0_3(kmip))
    keys = cluster.enables_encryption()
    with kmip.step("one host reboots", "reported"):
        cluster.host_reboots(keys)
    with kmip.step("the whole cluster comes back at once", "inferred"):
        cluster.all_hosts_fetch(keys)


@flow("vmware.vsan.checks-health", cites=HEALTH, needs=DEMANDED)
def the_health_check_really_gets_a_key(kmip: Conversation) -> None:
    """vSAN health is green only when every host gets its key: three rounds of all hosts, beside vCenter's own health check."""
    vcenter = vcenter_7_0_3(kmip)
    cluster = VsanCluster(vcenter)
    keys = cluster.enables_encryption()
    with kmip.step("three rounds: vCenter's check, then a Get by every host", "inferred"):
        for _ in range(3):
            vcenter.checks_health()
            cluster.all_hosts_fetch(keys)


@flow("vmware.vsan.rekeys", cites=REKEY, needs=DEMANDED)
def a_rekeyed_cluster_reads_old_and_new_keys(kmip: Conversation) -> None:
    """A rekey makes a new key-encryption key; every host gets the old one and the new one while it wraps anew."""
    cluster = VsanCluster(vcenter_7_0_3(kmip))
    old = cluster.enables_encryption()
    with kmip.step("vCenter creates the new key-encryption key", "inferred"):
        cluster.keys = (cluster.keys[0], cluster.vcenter.makes_key())
        new = [cluster.vcenter.hands_over(key) for key in cluster.keys]
    with kmip.step("every host fetches both", "inferred"):
        cluster.all_hosts_fetch(new)
    expect((old[0] == new[0], old[1] == new[1]), "whether the old key is the same, and the new one too").is_((True, False))


@flow("vmware.vsan.administrator-removes-key", cites=REMOVAL, needs=[*DEMANDED, Operation.REVOKE, Operation.DESTROY])
def a_key_that_an_administrator_removed_is_gone_for_every_host(kmip: Conversation) -> None:
    """An administrator revokes and destroys a key on the server: hosts are told so in order, and the other key is untouched."""
    vcenter = vcenter_7_0_3(kmip)
    cluster = VsanCluster(vcenter)
    keys = cluster.enables_encryption()
    removed, kept = cluster.keys
    with kmip.step("the administrator revokes the key", "inferred"):
        kmip.revoke(removed, RevocationReasonCode.CESSATION_OF_OPERATION).succeeds().settle()
        expect(kmip.state_of(removed), "the State of the revoked key").is_(State.DEACTIVATED)
    with kmip.step("the administrator destroys it; no host gets it any more, all on connections that stay open", "inferred"):
        kmip.destroy(removed).succeeds().settle()
        with vcenter.line() as line:
            line.says(vcenter.shapes.get(removed))[0].refuses().settle()
            expect(line.fetches(kept) == keys[1], "whether the other key is the same").is_(wanted=True)


@flow("vmware.vsan.missing-key-is-told", cites=HEALTH, needs=DEMANDED)
def a_host_that_asks_for_a_key_of_another_server_is_told(kmip: Conversation) -> None:
    """A host that asks for a key which this server never had hears Item Not Found, and its next request is served."""
    vcenter = vcenter_7_0_3(kmip)
    key = vcenter.makes_key()
    with kmip.step("Get of a foreign identifier, then of the host's own key", "inferred"), vcenter.line() as line:
        line.says(vcenter.shapes.get("8a1e9b62-52f4-4d0c-a1df-000000000000"))[0].refuses(because=Reason.ITEM_NOT_FOUND).settle()
        line.takes_into_use(key)
