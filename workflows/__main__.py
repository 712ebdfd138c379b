"""`python -m workflows COMMAND`."""

import sys

from workflows.cli import main

sys.exit(main(sys.argv[1:], sys.stdout, sys.stderr))
