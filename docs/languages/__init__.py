"""The catalogues of the pages' languages: made from the source, and held against it."""
