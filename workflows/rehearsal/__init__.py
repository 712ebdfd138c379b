"""Plays forms and workflows of w.c.s. outside of w.c.s.: an interpreter, a stand-in server, and journeys.

What it follows is written in the contract of w.c.s. at run time (wcs-runtime.md); what it does not model it says.
"""
