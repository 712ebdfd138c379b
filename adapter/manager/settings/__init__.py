"""The settings pages of an agenda: forms, views, and what they show. Rules are in ``adapter.agendas.services``."""
