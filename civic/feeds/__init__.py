"""What happens in a chapter as feeds that people's own programs fetch: Atom and iCalendar."""
