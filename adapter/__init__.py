"""Booking adapter for w.c.s.: the Django project and its apps."""
