"""Exercises on the rules of real games (E57-E60)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numgan.check.exercises.exercise import Exercise
from numgan.check.subjects.lazy import lazy_findings
from numgan.check.subjects.play import rule_findings
from numgan.dynamics.opponents import OffDiagonal, moved
from numgan.dynamics.play import GAME_RULES
from numgan.dynamics.rules import Rule, simultaneous
from numgan.training import Training


def extragradient_a(v, w, h, state=None):
    """A step with the field at the point that a first step would reach"""
    w = w + h * v(w)
    return w + h * v(w), None


def lola_a(v, J, d, alpha):
    """(I + αJ_o) v − α J_oᵀ c"""

    def adjusted(w):
        J_o, at = OffDiagonal(J(w), d), v(w)
        return at + alpha * (J_o @ at)

    return adjusted


def lola_b(v, J, d, alpha):
    """(I + αJ_o) v − α J_oᵀ c"""

    def adjusted(w):
        J_o, at = OffDiagonal(J(w), d), v(w)
        return at + alpha * (J_o @ at) - alpha * (J_o.T @ at)

    return adjusted


def consensus_a(v, J, gamma):
    """v − γ∇½‖v‖²"""
    return lambda w: v(w) - gamma * (J(w) @ v(w))


def unrolled_a(v, J, d, h, K):
    """G's gradient of f₂(x_K(y), y), through the K steps of x"""

    def adjusted(w):
        point = w
        for _ in range(K):
            point = moved(point, d, h * v(point)[:d])
        return moved(v(point), d, v(w)[:d] - v(point)[:d])

    return adjusted


def competitive_a(v, J, d, rates):
    """p = (I − J_o E)⁻¹ v"""

    def adjusted(w):
        at = v(w)
        return at + OffDiagonal(J(w), d) @ (rates * at)

    return adjusted


def optimistic_a(v, w, h, before=None):
    """A step with the field extrapolated to where the players will be"""
    now = v(w)
    return w + h * (1.5 * now - 0.5 * (now if before is None else before)), now


def symplectic_a(v, J, gamma):
    """v + γAv, with the part of J that turns"""

    def adjusted(w):
        at, Jw = v(w), J(w)
        return at + gamma / 2 * (Jw @ at + Jw.T @ at)

    return adjusted


def lookahead_a(rule, k, alpha):
    """After every k steps w̄ ← w̄ + α(w − w̄), w ← w̄"""

    def step(v, w, h, state=None):
        slow, t, inner = (w, 0, None) if state is None else state
        w, inner = rule.step(v, w, h, inner)
        if t + 1 == k:
            slow = w = w + alpha * (slow - w)
        return w, (slow, (t + 1) % k, inner)

    return Rule(step, rule.factors)


class LazyTraining(Training):
    """A penalty at every n-th step of D, n times as strong"""

    def discriminator_step(self):
        x, z = self.data.batch(self.m, self.rng), self.latents(self.m)
        penalized = self.optimizer_d.t % self.every == 0
        step = self.game.discriminator_step(self.theta_d, self.theta_g, x, z, self.rng, penalized)
        self.optimizer_d.ascend(self.theta_d, step.dtheta_d)
        return step


def as_rule(name: str, **changes: Any):
    """That row of the table with something in it changed."""
    return lambda seed: rule_findings(replace(GAME_RULES[name], **changes), name, seed)


PLAY = [
    Exercise(
        "an extragradient step",
        extragradient_a,
        as_rule(
            "extragradient",
            rule=lambda strength, horizon: Rule(extragradient_a, simultaneous.factors),
        ),
        where="w after iteration",
        why="starts at the look-ahead point",
        mistake="the look-ahead point is kept",
        solution="return w + h * v(w + h * v(w)). The first step only says where to look (E57); "
        "kept, it makes two plain steps, which spiral out.",
    ),
    Exercise(
        "LOLA",
        lola_a,
        as_rule("lola", field=lambda v, J, d, alpha, K, rates: lola_a(v, J, d, alpha)),
        where="w after iteration",
        why="by which a player shapes the other's step, is absent",
        mistake="the second player's answer is forgotten",
        solution="− alpha * (J_o.T @ cross(v, w)). The other's step depends on one's own "
        "parameters, and LOLA differentiates that too (E59). Without it this is LookAhead.",
    ),
    Exercise(
        "LOLA in a game that is not zero-sum",
        lola_b,
        as_rule("lola", field=lambda v, J, d, alpha, K, rates: lola_b(v, J, d, alpha)),
        where="w after iteration",
        why="taken to be zero-sum",
        mistake="v for the other's gradients",
        solution="cross(v, w) = (∇ₓf₂, ∇ᵧf₁). It is v in a zero-sum game alone; the non-saturating "
        "game is none.",
    ),
    Exercise(
        "consensus optimisation",
        consensus_a,
        as_rule("consensus", field=lambda v, J, d, gamma, K, rates: consensus_a(v, J, gamma)),
        where="w after iteration",
        why="J stands where Jᵀ belongs",
        mistake="J for its transpose",
        solution="J(w).T @ v(w). ∇½‖v‖² = Jᵀv. In a game J is not symmetric: J v has the opposite "
        "sign in its rotating part, and drives the players apart.",
    ),
    Exercise(
        "an unrolled generator",
        unrolled_a,
        as_rule("unrolled", field=lambda v, J, d, h, K, rates: unrolled_a(v, J, d, h, K)),
        where="w after iteration",
        why="nothing is differentiated through them",
        mistake="the steps of D are constants",
        solution="Backwards through the K steps, λ ← λ + h (∂v_x/∂x)ᵀ λ, and h (∂v_x/∂y)ᵀ λ for G "
        "(E60). What stands here is G against a D that has run ahead.",
    ),
    Exercise(
        "competitive gradient descent",
        competitive_a,
        as_rule(
            "competitive", field=lambda v, J, d, strength, K, rates: competitive_a(v, J, d, rates)
        ),
        where="w after iteration",
        why="no system is solved",
        mistake="one term of a series",
        solution="Solve (I − J_o E) p = v (E58). v + J_o E v is the first term of the series of "
        "the inverse: each knows the other's plain step, but not that the other knows.",
    ),
    Exercise(
        "an optimistic step",
        optimistic_a,
        as_rule("optimistic", rule=lambda strength, K: Rule(optimistic_a, simultaneous.factors)),
        where="w after iteration",
        why="by half a step",
        mistake="the weights of another method",
        solution="2 * now − before (E57). 3/2 and 1/2 are those of Adams and Bashforth, which "
        "follow the flow; the flow of a game circles. A whole step ahead damps.",
    ),
    Exercise(
        "symplectic adjustment",
        symplectic_a,
        as_rule("symplectic", field=lambda v, J, d, gamma, K, rates: symplectic_a(v, J, gamma)),
        where="w after iteration",
        why="the symmetric part",
        mistake="J + Jᵀ for J − Jᵀ",
        solution="Jw @ at − Jw.T @ at. A = ½(J − Jᵀ) is the part that turns (E40). The other half "
        "is that of a game without rotation, and Av would be 0 on the Dirac-GAN.",
    ),
    Exercise(
        "lookahead for both players",
        lookahead_a,
        as_rule("lookahead", rule=lambda alpha, k: lookahead_a(simultaneous, k, alpha)),
        where="w after iteration",
        why="exchanged",
        mistake="α for 1 − α",
        solution="slow + alpha * (w − slow) (E60). α is the part of the way from the slow point to "
        "the fast one.",
    ),
    Exercise(
        "an iteration with a lazy penalty",
        LazyTraining,
        lambda seed: lazy_findings(LazyTraining, "LazyTraining", seed),
        where="theta_d",
        why="counts once",
        mistake="n is forgotten",
        solution="penalized = 0 if self.optimizer_d.t % self.every else self.every. The penalty "
        "must count n times at its steps (E56), or D pays an n-th of it. True is 1.",
    ),
]
