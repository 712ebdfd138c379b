"""The webservices that w.c.s. calls. Views are thin: every rule is behind ``adapter.agendas.services``."""
