#!/usr/bin/env python
"""Command line of the adapter in a checkout."""

from adapter.command import main

if __name__ == "__main__":
    main()
