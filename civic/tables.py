"""All tables of all domains in one import, for migrations and for rebuilding."""

import chapters.invitations
import civic.kernel.record.tables
import identity.tables

MODULES = (
    civic.kernel.record.tables,
    identity.tables,
    chapters.invitations,
)
"""The modules that define tables, lowest first."""
