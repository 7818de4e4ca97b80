"""The functions of one logit that objectives are made of, each with its derivatives and formulas.

log σ(a) = −softplus(−a) and log(1 − σ(a)) = −softplus(a) are exact where D = σ(a) has long rounded
to 0 or 1.
"""

from __future__ import annotations

import math

from numgan.backend import Array, namespace
from numgan.layers.functions import sigmoid, softplus, step
from numgan.values import Term


def square(c: float, factor: float, formula: str, dformula: str) -> Term:
    """factor·(a − c)²: D's −½ is highest where the logit is c, G's ½ lowest.

    >>> import numpy as np
    >>> square(1.0, 1.0, '', '').t(np.array([3.0]))
    array([4.])
    """
    return Term(
        lambda a: factor * (a - c) ** 2,
        lambda a: 2 * factor * (a - c),
        lambda a: 2 * factor + 0 * a,
        formula,
        dformula,
    )


def slope(a: Array) -> Array:
    """σ'(a) = σ(a) σ(−a).

    >>> import numpy as np
    >>> slope(np.array([0.0]))
    array([0.25])
    """
    return sigmoid(a) * sigmoid(-a)


def exp(a: Array) -> Array:
    """eᵃ.

    >>> import numpy as np
    >>> exp(np.array([0.0]))
    array([1.])
    """
    return namespace(a).exp(a)


def log(D: Array) -> Array:
    """log D.

    >>> log(1.0)
    np.float64(0.0)
    """
    return namespace(D).log(D)


def tanh(a: Array) -> Array:
    """tanh a.

    >>> import numpy as np
    >>> tanh(np.array([0.0]))
    array([0.])
    """
    return namespace(a).tanh(a)


# fmt: off
LOG_2 = math.log(2)
#  t(a), t'(a), t''(a); then t and the slope t'/m in formulas
LOG_D = Term(lambda a: -softplus(-a), lambda a: sigmoid(-a), lambda a: -slope(a),
             "log {D}", "(1 − {D})/m", log)
LOG_ONE_LESS_D = Term(lambda a: -softplus(a), lambda a: -sigmoid(a), lambda a: -slope(a),
                      "log(1 − {D})", "−{D}/m", lambda D: log(1 - D))
MINUS_LOG_D = Term(lambda a: softplus(-a), lambda a: -sigmoid(-a), lambda a: slope(a),
                   "−log {D}", "−(1 − {D})/m", lambda D: -log(D))
MINUS_LOG_ONE_LESS_D = Term(lambda a: softplus(a), lambda a: sigmoid(a), lambda a: slope(a),
                            "−log(1 − {D})", "{D}/m", lambda D: -log(1 - D))
LOGIT = Term(lambda a: a, lambda a: 1 + 0 * a, lambda a: 0 * a,
             "{a}", "1/m")
MINUS_LOGIT = Term(lambda a: -a, lambda a: -1 + 0 * a, lambda a: 0 * a,
                   "−{a}", "−1/m")
HINGE_ABOVE = Term(lambda a: (a - 1) * step(1 - a), lambda a: step(1 - a) + 0 * a, lambda a: 0 * a,
                   "min(0, {a} − 1)", "[{a} < 1]/m")
HINGE_BELOW = Term(lambda a: (-a - 1) * step(1 + a), lambda a: -step(1 + a) + 0 * a,
                   lambda a: 0 * a, "min(0, −{a} − 1)", "−[{a} > −1]/m")
MINUS_HINGE_BELOW = Term(lambda a: (a + 1) * step(1 + a), lambda a: step(1 + a) + 0 * a,
                         lambda a: 0 * a, "−min(0, −{a} − 1)", "[{a} > −1]/m")
# the rows of E42: T = g_f(a) on data, −f*(T) on samples
KL_FAKE = Term(lambda a: -exp(a - 1), lambda a: -exp(a - 1), lambda a: -exp(a - 1),
               "−exp({a} − 1)", "−exp({a} − 1)/m")
REVERSE_REAL = Term(lambda a: -exp(-a), lambda a: exp(-a), lambda a: -exp(-a),
                    "−exp(−{a})", "exp(−{a})/m")
REVERSE_FAKE = Term(lambda a: 1 - a, lambda a: -1 + 0 * a, lambda a: 0 * a,
                    "1 − {a}", "−1/m")
PEARSON_FAKE = Term(lambda a: -a**2 / 4 - a, lambda a: -a / 2 - 1, lambda a: -0.5 + 0 * a,
                    "−¼ {a}² − {a}", "−(½ {a} + 1)/m")
HELLINGER_REAL = Term(lambda a: 1 - exp(-a), lambda a: exp(-a), lambda a: -exp(-a),
                      "1 − exp(−{a})", "exp(−{a})/m")
HELLINGER_FAKE = Term(lambda a: 1 - exp(a), lambda a: -exp(a), lambda a: -exp(a),
                      "1 − exp({a})", "−exp({a})/m")
JS_REAL = Term(lambda a: (LOG_2 - softplus(-a)) / 2, lambda a: sigmoid(-a) / 2,
               lambda a: -slope(a) / 2, "½ log(2 {D})", "½ (1 − {D})/m")
JS_FAKE = Term(lambda a: (LOG_2 - softplus(a)) / 2, lambda a: -sigmoid(a) / 2,
               lambda a: -slope(a) / 2, "½ log(2 − 2 {D})", "−½ {D}/m")
VARIATION_REAL = Term(lambda a: tanh(a) / 2, lambda a: 2 * slope(2 * a),
                      lambda a: -4 * slope(2 * a) * tanh(a), "½ tanh({a})", "½ (1 − tanh({a})²)/m")
VARIATION_FAKE = Term(lambda a: -tanh(a) / 2, lambda a: -2 * slope(2 * a),
                      lambda a: 4 * slope(2 * a) * tanh(a), "−½ tanh({a})", "−½ (1 − tanh({a})²)/m")
# fmt: on
