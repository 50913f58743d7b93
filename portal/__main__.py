"""The command `mingan`, also `python -m portal`."""

from __future__ import annotations

import sys

from portal.cli import main

if __name__ == "__main__":
    sys.exit(main())
