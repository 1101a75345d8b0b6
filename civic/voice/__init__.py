"""What somebody did in their chapters, and what became of it, reckoned anew for them alone."""
