"""One iteration of Algorithm 1, line by line: `numgan trace`.

    recorder   runs the library's own passes and keeps the input and the output of each
    record     makes the stages: equation, source line, arrays, the same quantity by other means;
               its parts: steps (D's, G's), walk (the layers), value (the logits), penalty (E46),
               move (the update)
    graph      draws the arrays of a step, and the map that makes each
    opening    introduces the two networks
    text, html show the stages; formula sets their formulas as MathML
    language   says a finished trace in Chinese, by the rows of zh.md

Recording and showing are separate: `record(training)` gives stages, `text.stage_texts` and
`html.page` render them.
"""

from numgan.trace.record import record
from numgan.trace.stage import Check, Line, Named, Stage

__all__ = ["Check", "Line", "Named", "Stage", "record"]
