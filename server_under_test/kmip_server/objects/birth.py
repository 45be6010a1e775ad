"""How objects come into being: the attributes a client names, then those that the server sets by itself.

Shared by all operations that make objects; the refusals are those of their error tables (KMIP 1.4, 11.2 and 11.4).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from kmip_server.attributes import attribute, rules_by_name
from kmip_server.enums import CryptographicUsageMask, ObjectType, ResultReason, RNGAlgorithm, State
from kmip_server.errors import KmipFailure
from kmip_server.messages import RNGParameters, TemplateAttribute
from kmip_server.objects.at_rest import row_of
from kmip_server.objects.certified import attributes_of_certificate
from kmip_server.objects.digests import digests_of
from kmip_server.objects.managed import AttributeValue, Holding, Instance, ManagedObject
from kmip_server.objects.material import AT_REST, IN_KEY_BLOCK, key_block_of, taken_apart
from kmip_server.objects.quantum_safety import quantum_safety_must_be_met
from kmip_server.objects.rotating import rotation_must_be_possible
from kmip_server.objects.standing import constraints_must_hold
from kmip_server.objects.storage import storage_must_be_offered
from kmip_server.objects.templates import templates_named
from kmip_server.objects.values import (
    DEFAULT_POLICY,
    MOST_INSTANCES,
    SERVER_PREFIX,
    accepted,
    dates_must_be_in_order,
    names_must_be_free,
)
from kmip_server.versions import V2_0
from kmip_server.wrapping.leavings import kept_of, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import Attribute, Attributes
    from kmip_server.store.contract import Transaction

UNSPECIFIED_RNG = RNGParameters(rng_algorithm=RNGAlgorithm.UNSPECIFIED)
"""What this server says of its random number generator: the operating system's (2.1.18)."""

_RULES = rules_by_name(AT_REST)
_APPLYING = {one: frozenset(name for name, rule in _RULES.items() if one in rule.as_of(one.since).applies_to) for one in ObjectType}
"""The attributes that an object of each type may have, as the version that introduced the type says."""

Given = dict[str, tuple[Instance, ...]]


def given_by(
    request: Any, object_type: ObjectType, context: RequestContext, *, before_2: str = "template_attribute", since_2: str = "attributes"
) -> Given:
    """The attributes that a request names for a new object, in the field that its version has for them."""
    if context.version >= V2_0:
        storage_must_be_offered(request, since_2)
    return attributes_given(getattr(request, before_2 if context.version < V2_0 else since_2), object_type, context)


def attributes_given(named: TemplateAttribute | Attributes | None, object_type: ObjectType, context: RequestContext) -> Given:
    """The attributes that a client names for a new object, by name, each with its instances: its own, over those of the Templates it names.

    "For single-instance attributes ... attributes specified explicitly" go before those of Templates, and of Templates the last; of all
    others the union is taken (4.2).
    """
    if named is None:
        return {}
    given: Given = {}
    if isinstance(named, TemplateAttribute):
        for template in templates_named(named.name, context):
            applicable = [
                one for one in template.attribute if one.attribute_name != "Name" and _applies(one.attribute_name, object_type, context)
            ]
            given = merged(given, _given(applicable, object_type, context), context)
    return merged(given, _given(named.attribute, object_type, context), context)


def merged(before: Given, after: Given, context: RequestContext) -> Given:
    """Two sets of attributes in one: of single-instance attributes the latter's, of others all, with indices of their own."""
    together = {**before, **after} if before else after
    for name in before.keys() & after.keys():
        rule = attribute(name, context.version)
        if rule is not None and rule.multiple:
            values = dict.fromkeys(instance.value for instance in (*before[name], *after[name]))
            together[name] = tuple(Instance(index, value) for index, value in enumerate(values))
    return together


def _applies(name: str, object_type: ObjectType, context: RequestContext) -> bool:
    rule = attribute(name, context.version)
    return rule is not None and object_type in rule.applies_to


def _given(named: Sequence[Attribute], object_type: ObjectType, context: RequestContext) -> Given:
    given: Given = {}
    for one in named:
        _may_be_given(one, object_type, given, context)
        value = accepted(one.attribute_name, one.attribute_value, context)
        before = given.get(one.attribute_name, ())
        given[one.attribute_name] = (*before, Instance(len(before), value))
    return given


def _may_be_given(named: Attribute, object_type: ObjectType, given: Given, context: RequestContext) -> None:
    name = named.attribute_name
    rule = attribute(name, context.version)
    if rule is None:
        raise _invalid(
            f"KMIP {context.version} has no attribute {name!r}; a custom attribute's name begins with x-", ResultReason.INVALID_ATTRIBUTE
        )
    if not rule.settable_at_creation or name.startswith(SERVER_PREFIX):
        raise _invalid(f"{name} is set by the server, not by clients", ResultReason.ATTRIBUTE_READ_ONLY)
    if object_type not in rule.applies_to:
        raise _invalid(f"{name} does not apply to this Object Type", ResultReason.INVALID_ATTRIBUTE)
    if name in given and not rule.multiple:
        raise _invalid(f"{name} is given twice, and has one value only", ResultReason.ATTRIBUTE_SINGLE_VALUED)
    if len(given.get(name, ())) >= MOST_INSTANCES:
        raise KmipFailure(ResultReason.INDEX_OUT_OF_BOUNDS, f"{name} has more than {MOST_INSTANCES} instances")


def single(given: Given, name: str) -> AttributeValue | None:
    """The value of a single-instance attribute that was given, or None."""
    instances = given.get(name)
    return instances[0].value if instances else None


def object_type_must_be_offered(object_type: ObjectType, context: RequestContext, offered: Sequence[ObjectType] | None = None) -> None:
    """Raises `KmipFailure` (Invalid Field) for object types that this server, or this operation, does not make."""
    if object_type not in context.services.personality.object_types or (offered is not None and object_type not in offered):
        sentence = f"objects of the type {object_type.name.replace('_', ' ').title()} are not supported here"
        raise _invalid(sentence, ResultReason.INVALID_OBJECT_TYPE)


def new_identifier(context: RequestContext) -> str:
    """A Unique Identifier for a new object."""
    return str(uuid.UUID(bytes=context.services.random(16), version=4))


async def bring_into_being(
    object_type: ObjectType,
    given: Given,
    holding: Holding,
    context: RequestContext,
    *,
    generated: bool,
    together: Callable[[Transaction, ManagedObject], None] | None = None,
) -> ManagedObject:
    """Wrap the material, set what the server sets, and write the object: durable when this returns.

    ``generated``: the server made the key itself (Create), so that it knows when, and with which generator. ``together``: what else
    changes with it, in the same transaction and before anybody looks whether the names are free.
    """
    made = await newborn(object_type, given, holding, context, generated=generated)
    await bring_all_into_being((made,), context, also=None if together is None else lambda transaction: together(transaction, made))
    return made


async def newborn(
    object_type: ObjectType,
    given: Given,
    holding: Holding,
    context: RequestContext,
    *,
    generated: bool,
    unique_identifier: str | None = None,
) -> ManagedObject:
    """A new object, its material wrapped, complete but not yet written. ``unique_identifier``: one of `new_identifier`, or None."""
    unique_identifier = unique_identifier or new_identifier(context)
    skeleton, material = taken_apart(holding)
    implied = _implied(object_type, given, holding, skeleton, context)
    attributes = _in_order(implied | given | attributes_of_certificate(holding) | _generated(given, context, generated=generated))
    dates_must_be_in_order(attributes)
    quantum_safety_must_be_met(attributes)
    rotation_must_be_possible(object_type, attributes)
    constraints_must_hold(object_type, attributes, context)
    envelope = None
    if material is not None:
        envelope = await context.services.wrapping.wrap(context.peer.client, unique_identifier, material)
    born = ManagedObject(
        unique_identifier=unique_identifier,
        owner=context.owner,
        object_type=object_type,
        state=State.PRE_ACTIVE,
        attributes=attributes,
        created_at=context.now,
        skeleton=skeleton,
        envelope=envelope,
    )
    made = born.but().at(context.now)
    context.services.rotation.expect(made)
    return made


async def bring_all_into_being(
    newborns: Sequence[ManagedObject], context: RequestContext, *, also: Callable[[Transaction], None] | None = None
) -> None:
    """Write new objects, all or none, durably; ``also`` changes others in the same transaction. The ID Placeholder is the first of them."""
    rows = [row_of(made) for made in newborns]

    def in_transaction(transaction: Transaction) -> None:
        if also is not None:
            also(transaction)
        for made, row in zip(newborns, rows, strict=True):
            names_must_be_free(transaction, context.owner, made.instances("Name"), ResultReason.INVALID_FIELD)
            transaction.insert(row)

    try:
        await context.store.write(in_transaction)
    except KmipFailure:
        await _given_up(newborns, context)
        raise
    context.id_placeholder = newborns[0].unique_identifier


async def _given_up(newborns: Sequence[ManagedObject], context: RequestContext) -> None:
    """What was refused leaves nothing behind in Key Protect."""
    kept = [made.envelope for made in newborns if kept_of(made.envelope) is not None]

    def in_transaction(transaction: Transaction) -> None:
        for envelope in kept:
            leave(transaction, envelope)

    if kept:
        await context.store.write(in_transaction)
        context.services.wrapping.forget(newborns[0].unique_identifier)


def _implied(object_type: ObjectType, given: Given, holding: Holding, skeleton: Holding | None, context: RequestContext) -> Given:
    """The attributes that the server sets by itself, for every version: reading leaves out what the asker's version lacks."""
    sensitive, extractable = single(given, "Sensitive") is True, single(given, "Extractable") is not False
    values: dict[str, AttributeValue | None] = {
        "Initial Date": context.now,
        "Last Change Date": context.now,
        "Operation Policy Name": DEFAULT_POLICY,
        "Lease Time": context.services.lease_time,
        "Fresh": True,
        "Sensitive": sensitive,
        "Always Sensitive": sensitive,
        "Extractable": extractable,
        "Never Extractable": not extractable,
    }
    if "Cryptographic Usage Mask" not in given:
        values["Cryptographic Usage Mask"] = CryptographicUsageMask(0)
    if isinstance(holding, IN_KEY_BLOCK):
        block = key_block_of(holding)
        values["Key Value Present"] = False if block.key_value is None else None
        values["Key Format Type"] = block.key_format_type if skeleton is None else None
    implied: Given = {name: (Instance(0, value),) for name, value in values.items() if value is not None and name in _APPLYING[object_type]}
    digests = digests_of(holding, lambda name: single(given, name), context.version)
    if digests:
        implied["Digest"] = tuple(Instance(index, digest) for index, digest in enumerate(digests))
    return implied


def _generated(given: Given, context: RequestContext, *, generated: bool) -> Given:
    """What the server alone says of a key that it made itself (3.43, 3.44). It "SHALL fail the request" that names another generator."""
    if not generated:
        return {}
    if any(instance.value != UNSPECIFIED_RNG for instance in given.get("Random Number Generator", ())):
        raise _invalid("this server's Random Number Generator is Unspecified, it has no other")
    return {"Original Creation Date": (Instance(0, context.now),), "Random Number Generator": (Instance(0, UNSPECIFIED_RNG),)}


def _in_order(attributes: Given) -> Given:
    """The standard's attributes in the standard's order, then the custom ones as they came."""
    known = {name: attributes[name] for name in _RULES if name in attributes}
    return known | {name: instances for name, instances in attributes.items() if name not in known}


def _invalid(sentence: str, reason_2: ResultReason | None = None) -> KmipFailure:
    return KmipFailure(ResultReason.INVALID_FIELD, sentence, reason_2=reason_2)
