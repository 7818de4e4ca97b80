"""python -m numgan"""

import sys

from numgan.cli import main

if __name__ == "__main__":  # a worker of MPI imports this file under another name
    sys.exit(main())
