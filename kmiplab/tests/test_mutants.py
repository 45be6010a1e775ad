"""Every mutant of what the tour asks for really spoils something that clients can see, and every lawful variation speaks valid KMIP.

The tour makes no certificates, signs nothing and puts nothing off: the mutants of that are seen where the checks see them, by
`kmiplab check --self-test`, which is run with these tests (tox's ``self-conformance``) and has to catch every one.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

import pytest
from kmip_conformance.client import Target, connect
from kmip_conformance.proxy import MUTANTS, VARIATIONS, Mutant, running_proxy
from kmip_conformance.proxy.mutants import cryptography, custody, keys, later, objects_kept
from kmip_conformance.requests import discover_versions, request
from kmip_conformance.tables import V1_1
from kmip_conformance.wire import encode
from kmip_server.testing import running_server
from mutant_tour import Tour

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count()

NOT_ON_TOUR = {module.__name__ for module in (cryptography, custody, keys, later, objects_kept)}


def declared_in(mutant: Mutant) -> str:
    """The module of what spoils something; "" where it takes no function."""
    return getattr(mutant.on_item or mutant.on_request or mutant.on_response, "__module__", "")


ON_TOUR = [name for name, mutant in MUTANTS.items() if declared_in(mutant) not in NOT_ON_TOUR]


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with running_server() as server:
        other = server.add_client("other")
        yield Target(server.host, server.port, server.ca, server.cert, server.key, other_cert=other.cert, other_key=other.key)


def toured(target: Target) -> Tour:
    tour = Tour(target, f"t{next(_numbers)}-{threading.get_ident()}")
    tour.run()
    return tour


@pytest.fixture(scope="module")
def straight(target: Target) -> Tour:
    return toured(target)


def test_two_tours_of_a_server_see_the_same(target: Target, straight: Tour) -> None:
    assert toured(target).seen == straight.seen


def test_a_proxy_without_a_defect_is_not_seen(target: Target, straight: Tour) -> None:
    with running_proxy(target, Mutant("none", "nothing", "-")) as seen:
        assert toured(seen).seen == straight.seen


@pytest.mark.parametrize("name", ON_TOUR)
def test_a_mutant_is_seen(target: Target, straight: Tour, name: str) -> None:
    with running_proxy(target, MUTANTS[name]) as spoilt:
        assert toured(spoilt).seen != straight.seen


@pytest.mark.parametrize("name", VARIATIONS)
def test_a_variation_speaks_valid_kmip(target: Target, straight: Tour, name: str) -> None:
    with running_proxy(target, VARIATIONS[name]) as varied:
        tour = toured(varied)
    assert "!" not in "".join(line for text in tour.seen for line in text.splitlines() if line.lstrip().startswith("!"))
    if name in {"lawful.slow", "lawful.byte-by-byte"}:
        assert tour.seen == straight.seen
    else:
        assert tour.seen != straight.seen


def test_a_slow_proxy_is_slow(target: Target, straight: Tour) -> None:
    with running_proxy(target, VARIATIONS["lawful.slow"]) as slow, connect(slow) as connection:
        assert connection.exchange(request(V1_1, discover_versions())).milliseconds >= 50


def test_many_connections_pass_a_proxy_at_once(target: Target) -> None:
    message = encode(request(V1_1, discover_versions()))
    with running_proxy(target, MUTANTS["messages.time-stamp-missing"]) as spoilt:
        connections = [connect(spoilt) for _ in range(8)]
        for connection in connections:
            connection.send(message)
        assert all(isinstance(connection.receive(), bytes) for connection in connections)
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("mutant", [*MUTANTS.values(), *VARIATIONS.values()], ids=lambda mutant: mutant.name)
def test_a_mutant_says_what_it_does(mutant: Mutant) -> None:
    assert mutant.defect.endswith(".")
    assert mutant.source
    family, dot, rest = mutant.name.partition(".")
    assert family
    assert dot
    assert rest == rest.lower()
