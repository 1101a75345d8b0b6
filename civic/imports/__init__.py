"""Imports: conversations that were held elsewhere, replayed into a chapter's record."""
