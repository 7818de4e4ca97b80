"""One entry of a weight's gradient as what it is: a sum of products, written out.

dense                     dW[i,o]     = Σ_n   x[n,i] · dy[n,o]
convolution               dW[u,v,c,o] = Σ_nij x[n, s·i+u−p, s·j+v−p, c] · dy[n,i,j,o]
transposed convolution    the same with x and dy exchanged
"""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.layers import Convolution, Dense, TransposedConvolution
from numgan.layers.layer import Layer
from numgan.trace.numbers import number
from numgan.trace.stage import Check

SHOWN = 8  # products at most


def expanded_entry(layer: Layer, x: Array, dy: Array, dW: Array) -> tuple[str, Check] | None:
    """The largest entry of dW as a sum, and that sum against the entry; None for a layer that is
    none of the above.
    """
    at = tuple(int(i) for i in np.unravel_index(np.argmax(abs(dW)), dW.shape))
    if isinstance(layer, Dense):
        i, o = at
        formula, products = f"Σₙ x[n,{i}]·dy[n,{o}]", [(x[n, i], dy[n, o]) for n in range(len(x))]
    elif isinstance(layer, Convolution):
        formula, products = taps(layer, x, dy, at, "x", "dy")
    elif isinstance(layer, TransposedConvolution):
        formula, products = taps(layer, dy, x, at, "dy", "x")
    else:
        return None
    name = f"dW[{','.join(map(str, at))}]"
    shown = " + ".join(f"{factor(a)}·{factor(b)}" for a, b in products[:SHOWN])
    more = f" + … ({len(products) - SHOWN} more)" if len(products) > SHOWN else ""
    total = sum(float(a) * float(b) for a, b in products)
    return f"{name} = {formula} = {shown}{more} = {number(total)}", Check(
        name, "sum", dW[at], np.float64(total)
    )


def taps(layer, x: Array, y: Array, at: tuple[int, ...], x_name: str, y_name: str):
    """The formula and the factors (of x, of y) of convʷ(x, y) at (u, v, c, o); outside the image x
    is 0.
    """
    (u, v, c, o), s, p = at, layer.stride, layer.padding
    N, h, w, O = y.shape
    c += o // (O // layer.groups) * (x.shape[3] // layer.groups)  # the c-th of o's group (L17)
    row, column = (f"{s}i{k - p:+d}".replace("-", "−") for k in (u, v))
    places = [
        (n, i, j, s * i + u - p, s * j + v - p)
        for n in range(N)
        for i in range(h)
        for j in range(w)
    ]
    inside = [
        place for place in places if 0 <= place[3] < x.shape[1] and 0 <= place[4] < x.shape[2]
    ]
    formula = f"Σ {x_name}[n,{row},{column},{c}]·{y_name}[n,i,j,{o}]"
    return formula, [(x[n, a, b, c], y[n, i, j, o]) for n, i, j, a, b in inside]


def factor(value: float) -> str:
    """0.3, and (−0.2) where it follows a dot."""
    text = number(float(value))
    return f"({text})" if value < 0 else text
