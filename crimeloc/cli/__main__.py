"""`python -m crimeloc.cli` is `crimeloc`."""

import sys

from crimeloc.cli import main

sys.exit(main())
