"""All tables of all domains in one import, for migrations and for rebuilding."""

import chapters.alarms.tables
import chapters.assurance.attestations.tables
import chapters.assurance.tables
import chapters.capabilities
import chapters.departures
import chapters.invitations
import chapters.keys.requests
import chapters.keys.tables
import chapters.offices.tables
import chapters.standing.tables
import chapters.tables
import civic.digest.subscriptions
import civic.feeds.addresses
import civic.kernel.record.shared_keys
import civic.kernel.record.tables
import civic.kernel.record.view
import civic.operate.tables
import civic.published
import civic.webhooks.tables
import deliberation.moderation.reports
import deliberation.moderation.tables
import deliberation.tables
import deliberation.wording
import identity.recovery.tables
import identity.tables
import voting.tables

MODULES = (
    civic.kernel.record.tables,
    civic.kernel.record.view,
    civic.kernel.record.shared_keys,
    identity.tables,
    identity.recovery.tables,
    chapters.tables,
    chapters.offices.tables,
    chapters.standing.tables,
    chapters.assurance.tables,
    chapters.keys.tables,
    chapters.keys.requests,
    chapters.assurance.attestations.tables,
    chapters.departures,
    chapters.invitations,
    chapters.capabilities,
    chapters.alarms.tables,
    deliberation.tables,
    deliberation.moderation.tables,
    deliberation.moderation.reports,
    deliberation.wording,
    voting.tables,
    civic.published,
    civic.feeds.addresses,
    civic.digest.subscriptions,
    civic.webhooks.tables,
    civic.operate.tables,
)
"""The modules that define tables, lowest first."""
