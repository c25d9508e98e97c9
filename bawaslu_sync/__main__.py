"""``python -m bawaslu_sync``."""

import sys

from bawaslu_sync.cli import main

if __name__ == "__main__":
    sys.exit(main())
