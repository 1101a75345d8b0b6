"""Deeds: what a person does in a chapter, turned into acts and handed to the book."""
