"""`python -m bro` is `bro`."""

import sys

from bro.cli import main

sys.exit(main())
