"""A rehearsal of the migration from KMIP for VMware to Key Protect's native KMIP, on this machine, with real keys and real traffic.

    from kmiplab.rehearsal import Settings, rehearse

    rehearsal = rehearse(Settings(machines=20, hosts=6, clusters=1))
    assert rehearsal.succeeded, rehearsal.lost

`estate` is what is encrypted, `provider` and `vcenter` the traffic, `stages` the migration, `accidents` what may go wrong. Nothing here
knows the insides of a server: keys come over KMIP, adapters and certificates go over REST, the classic service is `kmiplab.service`.
"""

from kmiplab.rehearsal.accidents import ACCIDENTS
from kmiplab.rehearsal.rehearsing import rehearse
from kmiplab.rehearsal.settings import Settings

__all__ = ["ACCIDENTS", "Settings", "rehearse"]
