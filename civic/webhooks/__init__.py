"""What happens in a chapter, told to other programs by HTTP requests (Standard Webhooks)."""
