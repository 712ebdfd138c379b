"""Lists of bookings as files."""
