"""The checks: one module a family, one function a rule. How to write one: AUTHORING.md.

Nothing but checks may live here: every function of these modules that `kmip_conformance.authoring.check` decorates is run against targets.
"""
