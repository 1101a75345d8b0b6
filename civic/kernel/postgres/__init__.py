"""The embedded PostgreSQL: a server of one's own under the data folder, as a child process."""

from civic.kernel.postgres.cluster import binaries
from civic.kernel.postgres.errors import PostgresError
from civic.kernel.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "PostgresError", "binaries"]
