"""python -m numgan"""

import sys

from numgan.cli import main

sys.exit(main())
