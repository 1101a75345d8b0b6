"""What goes wrong with the embedded server, said to people."""


class PostgresError(Exception):
    """The embedded server cannot do what was asked; the text says why and what to do."""
