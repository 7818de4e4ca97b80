"""One iteration of Algorithm 1, told line by line: `numgan trace`.

    listen     the library's own passes run, and what they were given and returned is written down
    record     the notes as stages: equation, source line, arrays, and the same quantity by independent means;
               walk, value, penalty and move are its parts: through the layers, at the logits, E46, the step
    opening    what is said before the first stage
    text, html the stages for people

Recording and telling are two things: `record(training)` gives stages, `text.tell` and `html.page` render them.
"""

from numgan.trace.record import record
from numgan.trace.stage import Check, Line, Named, Stage

__all__ = ["Check", "Line", "Named", "Stage", "record"]
