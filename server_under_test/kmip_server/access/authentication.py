"""Who a request comes from (KMIP 1.4, 6.6; KMIP 2.1, 9.4 and 9.11): the client of the connection's certificate, or the one its
credentials say.

A message without credentials is the certificate's. Whoever sends credentials must send the right ones, and all of them ("they must ALL be
satisfied"). They are the certificate's own client's, unless the directory says that it acts for others: then the request is performed as
the client whose credentials they are. A ticket stands for the client that logged in, with what it was granted (`tickets`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from kmip_server.access import tickets
from kmip_server.access.rights import GuardedStore
from kmip_server.enums import CredentialType, HashingAlgorithm, ResultReason
from kmip_server.errors import KmipFailure
from kmip_server.ledger import Book, Entry
from kmip_server.messages import (
    AttestationCredential,
    DeviceCredential,
    HashedPasswordCredential,
    OneTimePasswordCredential,
    TicketCredential,
    UsernamePasswordCredential,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from kmip_server.directory.contract import Client, Directory
    from kmip_server.engine.context import RequestContext
    from kmip_server.messages import Authentication, RequestBatchItem, Ticket
    from kmip_server.store.contract import Transaction

SPENT = Book("kmip:spent", most=100_000)
"""One-time passwords that were used, and the latest time stamp of each client's hashed password."""

FOR_EVER = 2**62

HASHES = {HashingAlgorithm.SHA_256: "sha256", HashingAlgorithm.SHA_384: "sha384", HashingAlgorithm.SHA_512: "sha512"}


async def authenticate(authentication: Authentication, items: Sequence[RequestBatchItem], context: RequestContext) -> None:
    """Hold the message's credentials against what is known, and put who it comes from into its context.

    Raises `KmipFailure`: Authentication Not Successful, Attestation Failed, Invalid Ticket or Usage Limit Exceeded.
    """
    clients = []
    for credential in authentication.credential:
        value = credential.credential_value
        if isinstance(value, TicketCredential):
            await _act_for(value.ticket, items, context)
        else:
            client = await CHECKS[type(value)](value, context)
            if client is None:
                raise _not_successful("the credential in the header is not that of the client whose certificate this is")
            clients.append(client)
    if len({client.id for client in clients}) > 1 or (clients and context.grant is not None and clients[0].id != context.peer.client.id):
        raise _not_successful("the credentials in the header are those of several clients")
    if clients and clients[0] is not context.peer.client:
        context.gateway = context.peer.client if clients[0].id != context.peer.client.id else None
        context.peer = context.peer._replace(client=clients[0])


def _not_successful(sentence: str) -> KmipFailure:
    return KmipFailure(ResultReason.AUTHENTICATION_NOT_SUCCESSFUL, sentence)


async def _act_for(ticket: Ticket, items: Sequence[RequestBatchItem], context: RequestContext) -> None:
    """Perform the batch as the client that a ticket stands for."""
    if context.grant is not None:
        raise _not_successful("a request has one ticket at most")
    client_id, grant = await tickets.use(ticket, [item.operation for item in items], context.store, context.now)
    client = context.services.directory.client(client_id)
    if client is None or client.id != client_id:
        raise tickets.invalid_ticket()
    context.peer = context.peer._replace(client=client)
    context.grant = grant
    if grant.rights is not None:
        context.store = GuardedStore(context.store, context.owner, grant)


async def _password(value: UsernamePasswordCredential, context: RequestContext) -> Client | None:
    directory = context.services.directory
    client = directory.credentials.claimed(context.peer.client, CredentialType.USERNAME_AND_PASSWORD, value.username)
    return client if client is not None and _is_password(directory, client, value.username, value.password or "") else None


def _is_password(directory: Directory, client: Client, username: str, password: str) -> bool:
    return directory.check_password(client, username, password) or directory.credentials.check_user(client, username, password)


async def _device(value: DeviceCredential, context: RequestContext) -> Client | None:
    told = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.name != "password"}
    identification = {name: text for name, text in told.items() if text is not None}
    return context.services.directory.credentials.check_device(context.peer.client, identification, value.password or "")


async def _one_time_password(value: OneTimePasswordCredential, context: RequestContext) -> Client | None:
    """Good once, in any process: that it was used is durable before anything is done for it."""
    directory = context.services.directory
    client = directory.credentials.claimed(context.peer.client, CredentialType.ONE_TIME_PASSWORD, value.username)
    if client is None or (value.password is not None and not _is_password(directory, client, value.username, value.password)):
        return None
    name = directory.credentials.one_time_password(client, value.username, value.one_time_password)
    if name is None:
        return None
    spent = Entry(name, client.id, {}, context.now, FOR_EVER)

    def spend(transaction: Transaction) -> bool:
        if SPENT.read(transaction, name, context.now) is not None:
            return False
        SPENT.add(transaction, spent)
        return True

    return client if await context.store.write(spend) else None


async def _hashed_password(value: HashedPasswordCredential, context: RequestContext) -> Client | None:
    """Hash(S1 || Timestamp) || S2, under a time stamp that is later than any before; answered by a hash of the server's own."""
    credentials = context.services.directory.credentials
    client = credentials.claimed(context.peer.client, CredentialType.HASHED_PASSWORD, value.username)
    algorithm = HASHES.get(value.hashing_algorithm or HashingAlgorithm.SHA_256)
    secrets = None if client is None or algorithm is None else credentials.hashed_password_secrets(client, value.username, algorithm)
    if client is None or algorithm is None or secrets is None:
        return None
    (one, two), stamp = secrets, value.time_stamp.to_bytes(8, "big", signed=True)
    if not hmac.compare_digest(hashlib.new(algorithm, one + stamp).digest() + two, value.hashed_password):
        return None
    key = f"{client.id} time stamp"

    def advance(transaction: Transaction) -> bool:
        latest = SPENT.read(transaction, key, context.now)
        entry = Entry(key, client.id, {"time_stamp": value.time_stamp}, context.now, FOR_EVER)
        if latest is None:
            SPENT.add(transaction, entry)
        elif latest.content["time_stamp"] < value.time_stamp:
            SPENT.change(transaction, entry)
        else:
            return False
        return True

    if not await context.store.write(advance):
        return None
    context.server_hashed_password = hashlib.new(algorithm, stamp + one + hashlib.new(algorithm, two).digest()).digest()
    return client


async def _attestation(_: AttestationCredential, __: RequestContext) -> Client | None:
    raise KmipFailure(ResultReason.ATTESTATION_FAILED, "this server verifies no attestations: send the request without one")


CHECKS: dict[type, Callable[[Any, RequestContext], Awaitable[Client | None]]] = {
    UsernamePasswordCredential: _password,
    DeviceCredential: _device,
    OneTimePasswordCredential: _one_time_password,
    HashedPasswordCredential: _hashed_password,
    AttestationCredential: _attestation,
}
"""Whose a credential is, by its kind: the client, or None when it is not right."""
