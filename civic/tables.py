"""All tables of all domains in one import, for migrations and for rebuilding."""

from importlib import import_module
from importlib.util import find_spec

MODULES = (
    "civic.kernel.record.tables",
    "identity.tables",
    "chapters.invitations",
    "chapters.tables",
    "deliberation.tables",
    "voting.tables",
)
"""The modules that define tables, lowest first."""

for module in MODULES:
    if find_spec(module) is not None:
        import_module(module)
