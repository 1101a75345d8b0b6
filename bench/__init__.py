"""What a node can do on this machine: `python -m bench` prints one table."""
