"""Run the client: ``python -m complaints.vaultctl COMMAND …``."""

import sys

from complaints.vaultctl.cli import main

sys.exit(main())
