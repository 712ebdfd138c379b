"""Forms of the settings pages: they read what was typed; services decide."""
