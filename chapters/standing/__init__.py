"""How members stand with their chapter: refused, suspended, appealing, expelled, coming back."""
