"""Commands about w.c.s."""
