"""Two of our pages beside the same pages in Django and in FastAPI: `python -m bench.peers`."""
