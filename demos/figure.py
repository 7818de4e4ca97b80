"""What the chapters share; it is part of the package, where notebooks import it too."""

from numgan.study.figure import *  # noqa: F403
