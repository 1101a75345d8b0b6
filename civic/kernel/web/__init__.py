"""What every page and every API shares: headers, sessions, errors, rendering."""
