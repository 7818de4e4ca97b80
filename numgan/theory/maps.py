"""Generators on the line whose exact P_G is known (E12): an invertible one, and three that fold."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError
from numgan.theory.densities import Gaussian
from numgan.theory.density import Density
from numgan.theory.pushforward import Branch, Pushforward


def affine(prior: Density, scale: float, shift: float) -> Pushforward:
    """x = scale·z + shift: one branch z = (x − shift)/scale, slope 1/|scale|. Of N(0, 1) it is
    N(shift, scale²).

    >>> print(affine(Gaussian(0.0), 2.0, 1.0).mean, affine(Gaussian(0.0), 2.0, 1.0).cov.round(9))
    [1.] [[4.]]
    """
    if scale == 0:
        raise InputError(
            "scale of an affine map = 0: expected another number (it maps every z to one point)"
        )
    slope = -np.log(abs(scale))
    branch = Branch(lambda x: (x - shift) / scale, lambda x: np.full(len(x), slope))  # E12
    return Pushforward(prior, lambda z: scale * z + shift, [branch])


def exponential(prior: Density) -> Pushforward:
    """x = e^z: one branch z = log x for x > 0, slope 1/x.
    Of a Gaussian it is the log-normal law.

    >>> print(exponential(Gaussian(0.0)).density([1.0]).round(6))
    [0.398942]
    """
    branch = Branch(np.log, lambda x: -np.log(x), low=0.0)  # E12
    return Pushforward(prior, np.exp, [branch], edges=[0.0])


def absolute(prior: Density) -> Pushforward:
    """x = |z|: two branches z = ±x for x > 0, slope 1: p_G(x) = p_z(x) + p_z(−x).

    >>> print(absolute(Gaussian(0.0)).density([-1.0, 0.0 + 1e-9]).round(6))
    [0.       0.797885]
    """
    right = Branch(lambda x: x, lambda x: np.zeros(len(x)), low=0.0)
    left = Branch(lambda x: -x, lambda x: np.zeros(len(x)), low=0.0)  # E12
    return Pushforward(prior, np.abs, [right, left], edges=[0.0])


def square(prior: Density) -> Pushforward:
    """x = z²: two branches z = ±√x for x > 0, slope 1/(2√x). Of N(0, 1) it is χ² with one degree of
    freedom.

    >>> print(square(Gaussian(0.0)).mean.round(9))
    [1.]
    """
    right = Branch(np.sqrt, lambda x: -np.log(2 * np.sqrt(x)), low=0.0)
    left = Branch(lambda x: -np.sqrt(x), lambda x: -np.log(2 * np.sqrt(x)), low=0.0)  # E12
    return Pushforward(prior, np.square, [right, left], edges=[0.0])


def zigzag(prior: Density) -> Pushforward:
    """x = distance from z to the nearest even number, the line folded like a map onto [0, 1].

    Every x has the preimages 2k + x and 2k − x for all whole k, slope 1; kept are those the prior
    can reach.

    >>> print(zigzag(Gaussian(0.0, 3.0)).density([0.25, 0.75]).round(4))  # nearly uniform
    [1. 1.]
    """

    def branch(k: int, sign: int) -> Branch:
        return Branch(lambda x: 2 * k + sign * x, lambda x: np.zeros(len(x)), 0.0, 1.0)

    z = prior.knots()[0]
    even = range(int(np.floor(z[0] / 2)), int(np.ceil(z[-1] / 2)) + 1)
    branches = [branch(k, sign) for k in sorted(even, key=abs) for sign in (1, -1)]  # E12
    return Pushforward(prior, lambda z: np.abs(z - 2 * np.round(z / 2)), branches, edges=[0.0, 1.0])


def line_in_plane(z: Array) -> Array:
    """G(z) = (z, 0): rows (N, 1) -> (N, 2). Its law lives on a line, which has area 0, so it has no
    density.

    >>> line_in_plane(np.array([[3.0]]))
    array([[3., 0.]])
    """
    return np.concatenate([z, np.zeros_like(z)], axis=1)


def thick_line(eps: float) -> Gaussian:
    """The law of (z, 0) + ε·e with z ~ N(0, 1), e ~ N(0, 1) in the plane: N(0, diag(1 + ε², ε²)),
    which has a density.

    As ε → 0 it tends to the law of line_in_plane, and its JSD to any density in the plane tends to
    log 2: a D that is 0 on a thin strip about the line and 1 elsewhere is wrong on nothing that
    P_data notices.

    >>> thick_line(0.1).std.round(4)
    array([1.005, 0.1  ])
    """
    return Gaussian([0.0, 0.0], std=np.sqrt([1 + eps**2, eps**2]))  # E12
