"""The classic service: KMIP for VMware of one region, on a Key Protect and on the KMIP server.

::

    with running_region(folder) as running:
        instance = running.region.order(KeyManager(url, iam_url, instance_id, api_key), name="kmip-ab")
        running.region.configure(instance.id, crk_id=crk_id, certificates={"vcenter": pem})
        running.endpoints    # two (host, port); either serves every key
"""

from kmiplab.service.region import Region
from kmiplab.service.running import RunningRegion, running_region
from kmiplab.service.values import (
    ClientCertificate,
    Deletion,
    Failure,
    KeyManager,
    KeyManagerAway,
    Recovery,
    ServiceInstance,
    ServiceRefused,
    Status,
    StillActive,
)

__all__ = [
    "ClientCertificate",
    "Deletion",
    "Failure",
    "KeyManager",
    "KeyManagerAway",
    "Recovery",
    "Region",
    "RunningRegion",
    "ServiceInstance",
    "ServiceRefused",
    "Status",
    "StillActive",
    "running_region",
]
