"""Proposals, phases, arguments, decisions and what came of them."""
