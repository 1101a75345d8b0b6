"""Live updates: who reads a chapter's pages as they are now is told when its record has grown."""
