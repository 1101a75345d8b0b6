"""Member keys in a record: how one comes to stand there, and how another takes its place."""
