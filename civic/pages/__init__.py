"""Pages of chapters: what is decided, by when, and what one can do; all work without scripts.

Nothing is imported here: the jobs process needs the words of some pages, and not their web.
"""
