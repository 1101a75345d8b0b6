"""The daily digest: what chapters decide and by when, as a page and by mail."""
