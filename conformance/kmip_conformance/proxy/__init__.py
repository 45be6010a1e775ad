"""Who checks the checker: a proxy that plants one defect (a mutant) in front of a good server, and variations that are lawful.

::

    with running_proxy(target, MUTANTS["messages.batch-item-id-lost"]) as spoilt_target:
        ...
"""

from kmip_conformance.proxy import mutants as _declared  # noqa: F401 - declares the mutants
from kmip_conformance.proxy.mutant import MUTANTS, VARIATIONS, Answered, Delivery, Mutant, Passage
from kmip_conformance.proxy.serving import running_proxy

__all__ = ["MUTANTS", "VARIATIONS", "Answered", "Delivery", "Mutant", "Passage", "running_proxy"]
