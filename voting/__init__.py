"""Elections, ballots, counting and results."""
