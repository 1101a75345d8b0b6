"""Words that are hidden in office before they are erased, appeals against it, and reports."""
