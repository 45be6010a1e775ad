"""From where an instance may be called: the policies allowedNetwork and allowedIP.

A call is a private one when it is made to the private host name, `private.<region>.kms.cloud.ibm.com`. A call from elsewhere is answered
as one without rights; so nobody but a caller from within can take the policy back.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from keyprotect_simulator.calls import Answer, Call, collection
from keyprotect_simulator.faults import unauthorized
from keyprotect_simulator.instance.policies import ALLOWED_IP, ALLOWED_NETWORK, attributes_in_force

if TYPE_CHECKING:
    from keyprotect_simulator.messages import ApiRequest
    from keyprotect_simulator.records import Instance
    from keyprotect_simulator.state.tables import State

PRIVATE_PORT = 8888
"""The port of private endpoints of instances with an allowedIP policy; the documentation's example."""
THIS_MACHINE = ipaddress.ip_address("127.0.0.1")
"""Where a call comes from that did not come over a network."""


def admit(request: ApiRequest, state: State, instance: Instance) -> None:
    """Refuse a call that comes from where the instance may not be called from."""
    network = attributes_in_force(state, instance.id, ALLOWED_NETWORK)
    if network is not None and network["allowed_network"] == "private-only" and not is_private(request):
        raise unauthorized()
    allowed = attributes_in_force(state, instance.id, ALLOWED_IP)
    if allowed is not None and not any(is_within(origin_of(request), subnet) for subnet in allowed["allowed_ip"]):
        raise unauthorized()


def is_private(request: ApiRequest) -> bool:
    """Whether the call was made to a private endpoint."""
    return request.headers.get("host", "").lower().startswith("private.")


def origin_of(request: ApiRequest) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address that the request came from."""
    try:
        return ipaddress.ip_address(request.address)
    except ValueError:
        return THIS_MACHINE


def is_within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, subnet: str) -> bool:
    """Whether an address is in a subnet; never, if one is IPv4 and the other IPv6."""
    return address in ipaddress.ip_network(subnet, strict=False)


def get_allowed_ip_port(call: Call) -> Answer:
    """https://cloud.ibm.com/apidocs/key-protect#getallowedipport. Nothing without an active allowedIP policy."""
    in_force = attributes_in_force(call.state, call.instance.id, ALLOWED_IP) is not None
    return Answer(200, collection("allowed_ip_metadata+json", [{"private_endpoint_port": PRIVATE_PORT}] if in_force else []))
