"""The command line client: acts that are signed where their author is, with the author's keys."""
