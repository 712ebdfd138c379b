"""The studio: definitions of w.c.s. checked and made bookable in the browser. Nothing of them is kept here."""
