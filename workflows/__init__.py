"""Tools on w.c.s. definitions (forms, workflows, data sources…): read, check, edit and build them, without Django."""
