"""Alarms for human eyes: signs that a chapter may be growing by people who are not real."""
