"""The audit as people run it: from bundles and nodes, with papers, to a report."""
