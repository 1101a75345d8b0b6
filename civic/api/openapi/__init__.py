"""What the API says of itself: an OpenAPI 3.1 document, made from the calls as they are."""
