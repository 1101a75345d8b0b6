"""Offices of a chapter: terms, appointment, removal, handover, and who steps in."""
