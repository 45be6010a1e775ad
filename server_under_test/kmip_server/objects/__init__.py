"""The managed-object model: attribute rules, objects and their material, and their form at rest."""
