"""Two gradients with a mistake in each, for `numgan check`; the README shows the report that the
first one gets.

    cd demos
    numgan check wrong_layer:Square --input-shape 4,3
    numgan check wrong_layer:log_likelihood --input-shape 5
"""

import numpy as np

from numgan.layers import Layer


class Square(Layer):
    """y = x²"""

    def forward(self, P, x):
        return x * x, x

    def backward(self, P, x, dy):
        return x * dy

    def rforward(self, P, x, RP, Rx):
        return 2 * x * Rx, Rx

    def rbackward(self, P, x, RP, Rx, dy, Rdy):
        return 2 * Rx * dy + 2 * x * Rdy


def log_likelihood(a):
    """Σ log σ(a), and its gradient."""
    return -np.log(1 + np.exp(-a)).sum(), 1 / (1 + np.exp(-a))
