"""Actors for scenarios: a vCenter and vSAN hosts, who speak to the target as the real ones do.

The requests are those of `kmip_conformance.requests.vcenter`, byte for byte; what the actors add is their manners: one short-lived
connection a call, Discover Versions first on each, two connections at a time, never a retry. What they expect of every answer is what the
real ones need: the version of the request, its batch item ids byte for byte, and a connection that stays open for the next request.
"""

from kmip_conformance.scenarios.vcenter import Line, VCenter, VirtualMachine, vcenter_6_7, vcenter_7_0_3, vcenter_8_0_1
from kmip_conformance.scenarios.vsan import VsanCluster

__all__ = ["Line", "VCenter", "VirtualMachine", "VsanCluster", "vcenter_6_7", "vcenter_7_0_3", "vcenter_8_0_1"]
