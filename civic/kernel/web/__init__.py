"""What every page and answer of a node shares: rendering, forms, problems, protection, looks."""
