"""Migrations of the schemas `record` and `private`; the schema `view` is rebuilt instead."""
