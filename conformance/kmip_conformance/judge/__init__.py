"""What judges a server: the catalogue of checks, the conversation they hold, the expectations they state, and the verdicts.

Here lives everything between the wire (`kmip_conformance.wire`, `.client`) and the people who start a run (`kmip_conformance.runner`).
Checks themselves live in `kmip_conformance.checks`; their authors import `kmip_conformance.authoring` and nothing from here.
"""
