"""Faults of hand-written gradients that people reported in public, in our own words and code.

Each fault has what is wrong, its source, a corrected twin, and what the report should say. The
patterns of numgan/check/diagnosis were written with these in view: figures on them say what was
learned, not what an unknown fault would give.
"""

from tests.check.corpus.elementwise import ELEMENTWISE
from tests.check.corpus.losses import LOSSES
from tests.check.corpus.normalization import NORMALIZATION
from tests.check.corpus.selection import SELECTION

CORPUS = [*ELEMENTWISE, *LOSSES, *NORMALIZATION, *SELECTION]
