"""Counting methods: pure functions with exact arithmetic."""
