"""The record: what a chapter says, in an order that nobody can change unseen."""
