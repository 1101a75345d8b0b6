"""The private side: accounts, sign-in, sessions, vault; it writes no entries."""
