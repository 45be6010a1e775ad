"""Requests with a hole for the unique identifier are the requests that would have been encoded."""

from __future__ import annotations

import pytest
from kmip_conformance.client import Target
from kmip_conformance.requests import credential, get, request
from kmip_conformance.requests.vcenter import Vcenter
from kmip_conformance.tables import V1_3
from kmip_conformance.wire import encode
from kmip_load.messages import VM, Messages
from kmip_load.plan import Plan

KEYS = ["7", "42", "12345678", "123456789", "4ab4cfb5-5d9f-4dbb-a3a5-7a8bc5b2e7ba", "Schlüssel-1", "~", "k" * 300]


def messages(**login: str) -> Messages:
    return Messages(Plan(Target("kms", 5696, **login), "vcenter", 1, 1.0, 1.0, 1.0, (1, 3)))


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_put_in_its_place(key: str) -> None:
    ready, vcenter = messages(), Vcenter()

    for _ in range(2):  # the second time the pieces are known
        assert ready.get(key).request == encode(request(V1_3, get(key)))
        assert ready.vcenter_get(key).request == vcenter.get(key)
        assert ready.vcenter_get_state(key).request == vcenter.get_state(key)
        assert ready.vcenter_activate(key).request == vcenter.activate(key)
        assert ready.vcenter_get_tag(key, "x-Vendor").request == vcenter.get_tag(key, "x-Vendor")
        assert ready.vcenter_add_tags(key, "product").request == vcenter.add_product_tags(key)
        assert ready.vcenter_add_tags(key, "VM").request == vcenter.add_vm_tags(key, VM, "load-test-vm")
        ready.get.cache_clear()  # type: ignore[attr-defined]


def test_keys_do_not_get_into_each_others_way() -> None:
    ready = messages()

    for key in ("key-a", "key-b", "a-longer-key", "key-a"):
        assert ready.vcenter_get(key).request == Vcenter().get(key)


def test_the_credential_stands_where_vcenter_puts_it() -> None:
    ready, login = messages(username="vcenter", password="secret"), credential("vcenter", "secret")

    assert ready.vcenter_create.request == Vcenter(login).create()
    assert ready.vcenter_get("1").request == Vcenter(login).get("1")
    assert ready.get("1").request == encode(request(V1_3, get("1"), credential=login))
    for anonymous in (ready.discover_versions, ready.vcenter_get_tag("1", "x-Name"), ready.vcenter_add_tags("1", "VM")):
        assert b"secret" not in anonymous.request


def test_a_plan_crosses_to_a_generator_and_is_shared_evenly() -> None:
    target = Target("kms", 5696, username="vcenter", password="secret")
    plan = Plan(target, "vcenter", users=7, spawn_rate=14.0, duration=30.0, timeout=10.0, kmip_version=(1, 4), keys=("1", "2"))

    shares = plan.shares(3)

    assert Plan.from_json(plan.to_json()) == plan
    assert [(share.users, share.spawn_rate) for share in shares] == [(3, 6.0), (2, 4.0), (2, 4.0)]
    assert {share.keys for share in shares} == {plan.keys}
