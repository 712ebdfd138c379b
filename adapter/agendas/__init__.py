"""Agendas: what can be booked, what is held and booked, and the rules that never break.

The public door for other apps is :mod:`adapter.agendas.services`.
"""
