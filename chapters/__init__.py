"""Chapters, bylaws, membership and offices."""
