"""The known accidents of such a migration: what each is, how it is known, and what would have prevented it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accident:
    """One that can be made to happen with ``--accident NAME``. ``loses`` says whether data are lost in the end."""

    name: str
    title: str
    mark: str
    prevention: str
    loses: bool


NOT_REGISTERED = Accident(
    "not-registered",
    "the new certificate is not yet registered at the adapter",
    "reported",
    "Add vCenter's new certificate to the adapter before trust is established, and wait: a certificate takes up to five minutes to be "
    "known in Key Protect. Then repeat Establish Trust. Nothing is lost as long as the old provider stays.",
    loses=False,
)
HOST_OFF = Accident(
    "host-off",
    "a host was off while everything was re-encrypted",
    "inferred",
    "Re-encrypt with every host on; before the old service is deleted, start the hosts that were off, and rekey them and their cluster. "
    "Delete without force: the service counts the keys that are still active.",
    loses=True,
)
OLD_KEY_IN_USE = Accident(
    "old-key-in-use",
    "a clone that was left out goes on using an old key",
    "reported",
    "Look for clones, templates and machines of other inventories: a clone shares the key of what it was cloned from. Revoke only keys "
    "that nothing refers to, then delete without force: a refusal names how many keys are in use still.",
    loses=True,
)
ACCIDENTS = {accident.name: accident for accident in (NOT_REGISTERED, HOST_OFF, OLD_KEY_IN_USE)}
"""By name. What is typed as ``--accident all`` means every one of them."""
