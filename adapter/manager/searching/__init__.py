"""What agents look for: forms read from the address of a page."""
