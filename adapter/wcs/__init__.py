"""w.c.s. as a neighbour: signatures, known services, calls."""
