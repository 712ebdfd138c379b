"""Views of the back office."""
