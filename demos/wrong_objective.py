"""An objective with a mistake in it, for `numgan check`; the README shows the report that it gets.

cd demos
numgan check wrong_objective:margin
"""

from numgan import Objective, Term

#                  t(a)                     t'(a)                    t''(a)
REAL = Term(lambda a: -((a - 1) ** 2), lambda a: -2 * (a - 1), lambda a: -2 + 0 * a)
FAKE = Term(lambda a: -((a + 1) ** 2), lambda a: 2 * (a + 1), lambda a: -2 + 0 * a)
BACK = Term(lambda a: (a - 1) ** 2, lambda a: 2 * (a - 1), lambda a: 2 + 0 * a)
margin = Objective("margin", "(a − 1)²: D pulled to 1 and −1, G to 1", REAL, FAKE, BACK)
