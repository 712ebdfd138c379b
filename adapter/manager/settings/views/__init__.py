"""Views of the settings pages: read a form, call a service, go back to the tab."""
