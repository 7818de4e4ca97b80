"""E38: the eigenvalues of a game's Jacobian, what they say of an equilibrium, and how large a step may be.

Arnoldi's iteration (1951) asks for nothing but products J u. From q_1 it builds an orthonormal basis Q of the space of
u, Ju, J²u, …, and in that basis J is a small Hessenberg matrix:

    J q_k = h_{1k} q_1 + … + h_{kk} q_k + h_{k+1,k} q_{k+1},          J Q_n = Q_n H_n + h_{n+1,n} q_{n+1} e_nᵀ

If H_n y = λ y with ‖y‖ = 1, then x = Q_n y has ‖x‖ = 1 and J x − λ x = h_{n+1,n} y_n q_{n+1}: so |h_{n+1,n} y_n| is how
far (λ, x) is from an eigenpair, known without computing x. The outermost eigenvalues come first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numgan.backend import Array
from numgan.dynamics.jacobian import Operator
from numgan.errors import InputError


class Spectrum(NamedTuple):
    """Eigenvalues, the rightmost first: it decides. And for each the residual ‖J x − λ x‖ of its unit eigenvector."""

    values: Array     # (n,) complex
    residuals: Array  # (n,)


def arnoldi(J: Operator, start: Array, n: int) -> tuple[Array, Array]:
    """Q (n, N) with orthonormal rows and H (n+1, n); with fewer than n where the space closes: J maps it into itself.

    Each new vector is made orthogonal to the others twice: once leaves a rounding error that cancellation has enlarged,
    the second time removes that, and a third would change nothing.
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
        if H[k + 1, k] <= 1e-14 * np.abs(H).max():            # rounding: nothing new is left
            return Q[: k + 1], H[: k + 2, : k + 1]
        Q[k + 1] = u / H[k + 1, k]
    return Q[:n], H


def leading(J: Operator, start: Array, n: int) -> Spectrum:
    """The eigenvalues of H_n: n of those of J, or of fewer, with their residuals. n = N gives all of them.

    start (N,) has a part along every eigenvector, as a random vector does; zero where w holds no variable
    (GameField.free), such entries never come in. Of a repeated eigenvalue one copy is found.
    """
    if start.shape != J.shape[1:] or not np.any(start) or not 0 < n <= start.size:
        raise InputError(f"{n} eigenvalues from a start of shape {start.shape}: expected 1 to {J.shape[1]}, start ≠ 0")
    _, H = arnoldi(J, start, n)
    values, Y = np.linalg.eig(H[:-1])
    order = np.argsort(-values.real, kind="stable")
    return Spectrum(values[order].astype(complex), np.abs(H[-1, -1] * Y[-1])[order])


def kind(values: Array, tol: float = 1e-9) -> str:
    """What the eigenvalues say of an equilibrium of the flow dw/dt = v(w); a spiral has one off the real axis.

    Real parts all negative: stable; all positive: unstable; of both signs: a saddle. All zero, and no λ = 0: a centre
    of the linearised flow. Then, and where it is "undecided", the linearisation does not tell what the true flow does.
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
    """The h below which simultaneous steps converge near the equilibrium: |1 + hλ| < 1 for every λ; 0 if for no h."""
    values = np.asarray(values)
    if np.any(values.real >= 0):
        return 0.0
    return float(np.min(-2 * values.real / np.abs(values) ** 2))                      # E38


def radius(values: Array) -> float:
    """max |z|: the factor by which a linear map with these eigenvalues stretches, in the long run, at each step."""
    return float(np.abs(values).max())
