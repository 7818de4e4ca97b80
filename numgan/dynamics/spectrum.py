"""E38: the eigenvalues of a game's Jacobian, the type of an equilibrium, and the largest step.

Arnoldi's iteration (1951) needs only products J u. From q_1 it builds an orthonormal basis Q of the
space of u, Ju, J²u, …, and in that basis J is a small Hessenberg matrix:

    J q_k = h_{1k} q_1 + … + h_{kk} q_k + h_{k+1,k} q_{k+1}
    J Q_n = Q_n H_n + h_{n+1,n} q_{n+1} e_nᵀ

If H_n y = λ y with ‖y‖ = 1, then x = Q_n y has ‖x‖ = 1 and J x − λ x = h_{n+1,n} y_n q_{n+1}. So
|h_{n+1,n} y_n| is the residual of the eigenpair (λ, x), and x need not be computed. The outermost
eigenvalues converge first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.dynamics.jacobian import Operator
from numgan.errors import InputError


class Spectrum(NamedTuple):
    """Eigenvalues, the rightmost (the decisive one) first, and the residual ‖J x − λ x‖ of each
    unit eigenvector x.

        >>> spectrum = leading(np.diag([-2.0, -1.0]), start=np.ones(2), n=2)
        >>> spectrum.values.real.round(9), (spectrum.residuals < 1e-9).all()
        (array([-1., -2.]), np.True_)
    """

    values: Array  # (n,) complex
    residuals: Array  # (n,)


def arnoldi(J: Operator, start: Array, n: int) -> tuple[Array, Array]:
    """Q (n, N) with orthonormal rows and H (n+1, n); fewer than n if J maps the space into itself.

    Each new vector is made orthogonal to the others twice. The first time leaves a rounding error
    that cancellation has amplified, the second removes it, and a third would change nothing.

        >>> Q, H = arnoldi(np.array([[0.0, -1.0], [1.0, 0.0]]), start=np.array([1.0, 0.0]), n=1)
        >>> Q, H  # J q_1 = 0 q_1 + 1 q_2
        (array([[1., 0.]]), array([[0.],
               [1.]]))
    """
    Q, H = np.zeros((n + 1, start.size)), np.zeros((n + 1, n))
    Q[0] = start / np.linalg.norm(start)
    for k in range(n):
        u = J @ Q[k]
        for _ in range(2):
            h = Q[: k + 1] @ u
            u = u - h @ Q[: k + 1]
            H[: k + 1, k] += h
        H[k + 1, k] = np.linalg.norm(u)
        if H[k + 1, k] <= 1e-14 * np.abs(H).max():  # rounding: no new direction is left
            return Q[: k + 1], H[: k + 2, : k + 1]
        Q[k + 1] = u / H[k + 1, k]
    return Q[:n], H


def leading(J: Operator, start: Array, n: int) -> Spectrum:
    """The eigenvalues of H_n: n approximate eigenvalues of J, or fewer, with their residuals; n = N
    gives all of them.

    start (N,) must have a component along every eigenvector: a random vector has. Set it to zero
    where w holds no variable (GameField.free); these entries then stay zero. A repeated eigenvalue
    appears once. Raises InputError unless 1 ≤ n ≤ N, start has N entries and start ≠ 0.

        >>> leading(np.diag([-2.0, -1.0]), start=np.ones(2), n=2).values.real.round(9)
        array([-1., -2.])
    """
    if start.shape != J.shape[1:] or not np.any(start) or not 0 < n <= start.size:
        raise InputError(
            f"{n} eigenvalues from a start of shape {start.shape}: "
            f"expected 1 to {J.shape[1]}, start ≠ 0"
        )
    _, H = arnoldi(J, start, n)
    values, Y = np.linalg.eig(H[:-1])
    order = np.argsort(-values.real, kind="stable")
    return Spectrum(values[order].astype(complex), np.abs(H[-1, -1] * Y[-1])[order])


def kind(values: Array, tol: float = 1e-9) -> str:
    """The type of an equilibrium of the flow dw/dt = v(w), from its eigenvalues; a spiral has a
    non-real one.

    All real parts negative: stable; all positive: unstable; both signs: a saddle. All zero, and no
    λ = 0: a centre of the linearised flow. A "centre" or "undecided" linearisation does not
    determine the behaviour of the true flow.

        >>> kind([-1 + 2j, -1 - 2j]), kind([1, 2]), kind([1, -1]), kind([1j, -1j])
        ('stable spiral', 'unstable node', 'saddle', 'centre')
    """
    values = np.asarray(values)
    small = tol * max(1.0, np.abs(values).max())
    right, left, turning = values.real > small, values.real < -small, np.abs(values.imag) > small
    if right.any():
        name = "saddle" if left.any() else "unstable"
    elif left.all():
        name = "stable"
    else:
        return "centre" if not left.any() and turning.all() else "undecided"
    return name if name == "saddle" else f"{name} {'spiral' if turning.any() else 'node'}"


def largest_step(values: Array) -> float:
    """The h below which simultaneous steps converge near the equilibrium, |1 + hλ| < 1 for all λ.

    It is 0 if no h converges.

        >>> largest_step([-1.0, -4.0])  # |1 − 4h| < 1
        0.5
    """
    values = np.asarray(values)
    if np.any(values.real >= 0):
        return 0.0
    return float(np.min(-2 * values.real / np.abs(values) ** 2))  # E38


def radius(values: Array) -> float:
    """max |z|: the long-run factor per step of a linear map with these eigenvalues.

    >>> radius([0.5, -2.0])
    2.0
    """
    return float(np.abs(values).max())
