"""The liveness probe: is the target still there, for someone who asks it something simple over a new connection?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmip_conformance import requests
from kmip_conformance.errors import TargetError
from kmip_conformance.judge.conversation import Conversation
from kmip_conformance.judge.proceedings import Proceedings

if TYPE_CHECKING:
    from kmip_conformance.client import Target
    from kmip_conformance.judge.conversation import Manners
    from kmip_conformance.tables import KmipVersion


def still_lives(target: Target, version: KmipVersion, manners: Manners) -> bool:
    """Does the target take a connection and answer a Discover Versions, with whatever status?"""
    conversation = Conversation(target, version, Proceedings(), manners)
    try:
        return conversation.send(requests.discover_versions()).message is not None
    except TargetError:
        return False
    finally:
        conversation.hang_up()
