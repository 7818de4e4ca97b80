"""E38, E45: the game's Jacobian, as an operator by R-passes (no matrix, no difference) or a matrix.

D ascends V_d and G descends V_g, both functions of w = (θ_d, θ_g). P_d and P_g are the projections
on the two players' entries, P_d + P_g = 1. Then v = P_d ∇V_d − P_g ∇V_g, and

    J u  = P_d ∇²V_d u − P_g ∇²V_g u
    Jᵀ u = ∇²V_d P_d u − ∇²V_g P_g u                  since Hessians and projections are symmetric

By E45 each product ∇²V u is the change of ∇V as w moves along u, and E44 carries this change
through both networks in the order of the gradient's own computation. x and z are fixed; along
(Rθ_d, Rθ_g)

    forward       Rx̃ = R{G(z)}
                  Ra_real = R{a(x)}: only θ_d moves;   Ra_fake = R{a(x̃)}: θ_d and x̃ move
    at the logits Rda = R{∂V/∂a} along (Ra_real, Ra_fake)
    ∇_d           R{D.gradient} on the data + R{D.gradient} on the samples
    ∇_g           Rdx̃ = R{D.backward} on the samples, then R{G.gradient} from dx̃ and Rdx̃

Each R-pass is a formula of its layer, so the result is exact, except at the kinks of ReLUs, where J
does not exist.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from numgan.backend import Array, namespace
from numgan.dynamics.field import GameField, VectorField
from numgan.network import Network

STEP = 1e-200  # of the complex step; its square is 0 in double precision


class Operator(Protocol):
    """A square matrix in use: an array, or a Jacobian that only computes products.

    >>> J: Operator = np.array([[0.0, -1.0], [1.0, 0.0]])
    >>> J @ np.array([1.0, 2.0])
    array([-2.,  1.])
    """

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def T(self) -> Any: ...

    def __matmul__(self, u: Any, /) -> Any: ...


def dense(v: VectorField, w: Array) -> Array:
    """∂v/∂w at a real w, (n, n), for any analytic field: column j is Im v(w + ih e_j)/h, exact to
    rounding (E48).

        >>> dense(lambda w: np.array([w[0] * w[1], w[0] ** 2]), np.array([2.0, 3.0])).round(9)
        array([[3., 2.],
               [4., 0.]])
    """
    return np.stack([np.imag(v(w + 1j * STEP * e)) / STEP for e in np.eye(w.size)], axis=1)


def columns(J: Operator) -> Array:
    """The matrix of an operator, column by column: J e_j.

    >>> columns(np.array([[0.0, -1.0], [1.0, 0.0]]))
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    return np.stack([J @ e for e in np.eye(J.shape[1])], axis=1)


class Change(NamedTuple):
    """R{·} of one look at the game.

    >>> from numgan.architectures import mlp
    >>> from numgan.game import Game
    >>> from numgan.objectives import OBJECTIVES
    >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"])  # G: uz + t, D: sx + r
    >>> field = GameField(game, x=np.array([[2.0]]), z=np.array([[1.0]]))
    >>> J = Jacobian(field, w=np.array([1.0, 0.0, 0.0, 0.0]))  # at s, r, u, t
    >>> J.change(np.array([1.0, 0.0]), None).Ra_real  # s moves: R{sx + r} = x
    array([[2.]])
    """

    Rtheta_d: Array | None
    Rtheta_g: Array | None
    Rsamples: Array
    Ra_real: Array
    Ra_fake: Array
    Rtape_g: list
    Rtape_real: list
    Rtape_fake: list


class Logits(NamedTuple):
    """∂V/∂a on data and on samples, and the change of both: the start of ∇V and of its change.

    >>> from numgan.architectures import mlp
    >>> from numgan.game import Game
    >>> from numgan.objectives import OBJECTIVES
    >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"])  # G: uz + t, D: sx + r
    >>> field = GameField(game, x=np.array([[2.0]]), z=np.array([[1.0]]))
    >>> J = Jacobian(field, w=np.array([1.0, 0.0, 0.0, 0.0]))  # at s, r, u, t
    >>> J.V_d(J.change(np.array([1.0, 0.0]), None)).da_fake  # V = a(x) − a(x̃)
    array([[-1.]])
    """

    da_real: Array
    da_fake: Array
    Rda_real: Array
    Rda_fake: Array


class Jacobian:
    """J at w of a game on a fixed minibatch:  J @ u,  J.T @ u,  and the four blocks of E38.

    The constructor does the ordinary passes once; a product costs the R-passes, about two
    gradients. Entries that layers remember are not variables: their rows are zero, and so is the
    effect of a direction along them.

        >>> from numgan.architectures import mlp
        >>> from numgan.game import Game
        >>> from numgan.objectives import OBJECTIVES
        >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"])  # G: uz + t, D: sx + r
        >>> field = GameField(game, x=np.array([[2.0]]), z=np.array([[1.0]]))
        >>> J = Jacobian(field, w=np.array([1.0, 0.0, 0.0, 0.0]))  # at s, r, u, t
        >>> columns(J) + 0.0  # of v = (x − uz − t, 0, sz, s)
        array([[ 0.,  0., -1., -1.],
               [ 0.,  0.,  0.,  0.],
               [ 1.,  0.,  0.,  0.],
               [ 1.,  0.,  0.,  0.]])
    """

    def __init__(self, field: GameField, w: Array):
        self.field, self.at, self.shape = field, field.look(w), (w.size, w.size)

    def __matmul__(self, u: Array) -> Array:
        """J u = P_d ∇²V_d u − P_g ∇²V_g u."""
        R = self.change(*self.field.split(u))
        return namespace(u).concatenate([self.of_d(R), -self.of_g(R)])  # E38, E45

    @property
    def T(self) -> Transposed:
        return Transposed(self)

    def coupled(self, u: Array) -> Array:
        """J_o u, J without its two diagonal blocks: what each gradient changes as the other moves.
        It costs half of J u for each player apart."""
        u_d, u_g = self.field.split(u)
        return namespace(u).concatenate([self.dg(u_g), -self.gd(u_d)])  # E58

    # ── the blocks: one player moves; its own gradient changes, or the other's ───────────────────

    def dd(self, u_d: Array) -> Array:
        """∇²_dd V_d u_d."""
        return self.of_d(self.change(u_d, None))

    def dg(self, u_g: Array) -> Array:
        """∇²_dg V_d u_g: G moves, D's gradient changes."""
        return self.of_d(self.change(None, u_g))

    def gd(self, u_d: Array) -> Array:
        """∇²_gd V_g u_d: D moves, G's gradient changes. Its sign in J is minus."""
        return self.of_g(self.change(u_d, None))

    def gg(self, u_g: Array) -> Array:
        """∇²_gg V_g u_g. Its sign in J is minus."""
        return self.of_g(self.change(None, u_g))

    # ── from a direction to the logits, and from there to the players ────────────────────────────

    def change(self, Rtheta_d: Array | None, Rtheta_g: Array | None) -> Change:
        """R{·} of the three forward passes; None for a player that does not move.

        What layers remember is no variable: no pass and no penalty follows a direction along it.
        """
        field, at, D, G = self.field, self.at, self.field.game.D, self.field.game.G
        Rtheta_d, Rtheta_g = free_part(D, Rtheta_d), free_part(G, Rtheta_g)
        Rsamples, Rtape_g = G.rforward(at.theta_g, at.tape_g, Rtheta_g, 0 * field.z)
        Ra_real, Rtape_real = D.rforward(at.theta_d, at.tape_real, Rtheta_d, 0 * field.x)
        Ra_fake, Rtape_fake = D.rforward(at.theta_d, at.tape_fake, Rtheta_d, Rsamples)
        return Change(
            Rtheta_d, Rtheta_g, Rsamples, Ra_real, Ra_fake, Rtape_g, Rtape_real, Rtape_fake
        )

    def V_d(self, R: Change) -> Logits:
        """D's value at the logits."""
        objective, at = self.field.game.objective, self.at
        return Logits(
            *objective.gradient(at.a_real, at.a_fake),
            *objective.rgradient(at.a_real, at.a_fake, R.Ra_real, R.Ra_fake),
        )

    def V_g(self, R: Change) -> Logits:
        """G's value at the logits; those of the data matter only in a relativistic game."""
        V, a = self.field.game.objective.V_g, (self.at.a_real, self.at.a_fake)
        return Logits(*V.gradient(*a), *V.rgradient(*a, R.Ra_real, R.Ra_fake))

    def to_d(self, R: Change, V: Logits) -> Array:
        """R{∇_d V}, of the data and of the samples."""
        at, D = self.at, self.field.game.D
        theta, Rtheta = at.theta_d, R.Rtheta_d
        real = D.rgradient(theta, at.tape_real, Rtheta, R.Rtape_real, V.da_real, V.Rda_real)
        fake = D.rgradient(theta, at.tape_fake, Rtheta, R.Rtape_fake, V.da_fake, V.Rda_fake)
        return real + fake  # R{E31}

    def to_g(self, R: Change, V: Logits) -> Array:
        """R{∇_g V}, through D to its input."""
        at, D, G = self.at, self.field.game.D, self.field.game.G
        theta, Rtheta = at.theta_d, R.Rtheta_d
        dx = D.backward(theta, at.tape_fake, V.da_fake)
        Rdx = D.rbackward(theta, at.tape_fake, Rtheta, R.Rtape_fake, V.da_fake, V.Rda_fake)
        return G.rgradient(at.theta_g, at.tape_g, R.Rtheta_g, R.Rtape_g, dx, Rdx)  # R{E35}

    def of_d(self, R: Change) -> Array:
        """R{∇_d V_d}, the penalty included."""
        return self.to_d(R, self.V_d(R)) - self.of_penalty(R)

    def of_g(self, R: Change) -> Array:
        """R{∇_g V_g}, the cost included."""
        return self.to_g(R, self.V_g(R)) + self.of_cost(R)

    def of_cost(self, R: Change) -> Array:
        """R{∇_g C} (E55): through G's R-pass back from ∂C/∂x̃ and its change, and of θ_g itself."""
        at, game = self.at, self.field.game
        if (cost := game.cost) is None:
            return 0.0
        dx, Rdx = cost.dsamples(self.field.z, at.samples), cost.rdsamples(R.Rsamples)
        through = game.G.rgradient(at.theta_g, at.tape_g, R.Rtheta_g, R.Rtape_g, dx, Rdx)
        return through if R.Rtheta_g is None else through + cost.dtheta(game.G, R.Rtheta_g)

    def of_penalty(self, R: Change) -> Array:
        """R{∂R/∂θ_d}. The penalty's gradient is itself an R-pass; its change is a complex step
        (E48), exact to rounding.
        """
        if self.field.game.penalty is None:
            return 0.0

        theta_d = stepped(self.at.theta_d, R.Rtheta_d)
        samples = stepped(self.at.samples, R.Rsamples)
        return self.field.dpenalty(self.at, theta_d, samples).imag / STEP

    def of_penalty_by_samples(self, R: Change) -> Array:
        """(∂x̃/∂θ_g)ᵀ R{∂R/∂x̃} where D moves: how the slope of R along it depends on G.

        It is the transpose of what of_penalty is where G moves.
        """
        at, game = self.at, self.field.game
        if game.penalty is None:
            return 0.0
        dsamples = self.field.dpenalty_samples(at, stepped(at.theta_d, R.Rtheta_d)).imag / STEP
        return game.G.gradient(at.theta_g, at.tape_g, dsamples)


def stepped(value: Array, Rvalue: Array | None) -> Array:
    """value + ih Rvalue, in double precision: in single precision ih is 0.

    >>> stepped(np.array([2.0]), np.array([3.0])).imag / STEP
    array([3.])
    """
    value = value.astype("complex128")
    return value if Rvalue is None else value + 1j * STEP * Rvalue.astype("complex128")


def free_part(network: Network, Rtheta: Array | None) -> Array | None:
    """The direction without its entries along what layers remember.

    >>> from numgan.layers import BatchNorm
    >>> D = Network([BatchNorm(1)], input_shape=(1,))  # θ = γ, β, running mean and variance
    >>> free_part(D, np.array([1.0, 2.0, 3.0, 4.0]))
    array([1., 2., 0., 0.])
    """
    if Rtheta is None or not network.remembers:
        return Rtheta
    return Rtheta * namespace(Rtheta).asarray(~network.fixed)


class Transposed:
    """Jᵀ u = ∇²V_d (u_d, 0) − ∇²V_g (0, u_g): one player moves, both gradients change.

    A penalty R is part of D's value, and a cost C of G's. Raises InputError for a penalty whose
    points depend on samples in a way that is not known.

        >>> from numgan.architectures import mlp
        >>> from numgan.game import Game
        >>> from numgan.objectives import OBJECTIVES
        >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["wasserstein"])  # G: uz + t, D: sx + r
        >>> field = GameField(game, x=np.array([[2.0]]), z=np.array([[1.0]]))
        >>> J = Jacobian(field, w=np.array([1.0, 0.0, 0.0, 0.0]))  # at s, r, u, t
        >>> J.T @ np.array([1.0, 0.0, 0.0, 0.0]) + 0.0  # the first row of J
        array([ 0.,  0., -1., -1.])
    """

    def __init__(self, J: Jacobian):
        self.J, self.T, self.shape = J, J, J.shape

    def __matmul__(self, u: Array) -> Array:
        J, (u_d, u_g) = self.J, self.J.field.split(u)
        d_moves, g_moves = J.change(u_d, None), J.change(None, u_g)
        V_d, V_g = J.V_d(d_moves), J.V_g(g_moves)
        return namespace(u).concatenate(
            [
                J.to_d(d_moves, V_d) - J.to_d(g_moves, V_g) - J.of_penalty(d_moves),
                J.to_g(d_moves, V_d)
                - J.to_g(g_moves, V_g)
                - J.of_penalty_by_samples(d_moves)
                - J.of_cost(g_moves),
            ]
        )

    def coupled(self, u: Array) -> Array:
        """J_oᵀ u, without the two diagonal blocks."""
        J, (u_d, u_g) = self.J, self.J.field.split(u)
        d_moves, g_moves = J.change(u_d, None), J.change(None, u_g)
        to_d = -J.to_d(g_moves, J.V_g(g_moves))
        to_g = J.to_g(d_moves, J.V_d(d_moves)) - J.of_penalty_by_samples(d_moves)
        return namespace(u).concatenate([to_d, to_g])  # E58
