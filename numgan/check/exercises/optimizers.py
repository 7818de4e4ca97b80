"""Exercises on the rules by which θ moves. What a class does not define is that of the right
optimizer.
"""

from __future__ import annotations

from numgan.check.exercises.exercise import Exercise
from numgan.check.subjects.optimizers import optimizer_findings
from numgan.optimizers import Adam, Momentum, Optimizer, RMSProp


class AdamA(Adam):
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², then u = m̂/(√v̂ + ε)"""

    def direction(self, g, m, v):
        m[:] = self.beta1 * m + (1 - self.beta1) * g
        v[:] = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat = m / (1 - self.beta1)
        v_hat = v / (1 - self.beta2)
        return m_hat / (v_hat**0.5 + self.epsilon)


class AdamB(Adam):
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², then u = m̂/(√v̂ + ε)"""

    def direction(self, g, m, v):
        m[:] = self.beta1 * m + (1 - self.beta1) * g
        v[:] = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat = m / (1 - self.beta1**self.t)
        v_hat = v / (1 - self.beta2**self.t)
        return m_hat / (v_hat + self.epsilon) ** 0.5


class AdamC(Adam):
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², then u = m̂/(√v̂ + ε)"""

    def direction(self, g, m, v):
        m[:] = self.beta1 * m + (1 - self.beta1) * g
        v[:] = self.beta2 * v + (1 - self.beta2) * g**2
        return m / (v**0.5 + self.epsilon)


class AdamD(Adam):
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², then u = m̂/(√v̂ + ε)"""

    def direction(self, g, m, v):
        m[:] = self.beta1 * m + (1 - self.beta1) * g
        v[:] = self.beta2 * v + (1 - self.beta2) * g**2
        t = self.t + 1
        return m / (1 - self.beta1**t) / ((v / (1 - self.beta2**t)) ** 0.5 + self.epsilon)


class AdamE(Adam):
    """m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², then u = m̂/(√v̂ + ε)"""

    def direction(self, g, m, v):
        m *= self.beta1
        m += (1 - self.beta1) * g
        v *= self.beta2
        g *= g
        v += (1 - self.beta2) * g
        return m / (1 - self.beta1**self.t) / ((v / (1 - self.beta2**self.t)) ** 0.5 + self.epsilon)


class RMSPropA(RMSProp):
    """v ← ρv + (1−ρ)g², u = g/(√v + ε)"""

    def direction(self, g, v):
        v[:] = self.rho * v + (1 - self.rho) * g
        return g / (abs(v) ** 0.5 + self.epsilon)


class MomentumA(Momentum):
    """v ← βv + g, u = v"""

    def direction(self, g, v):
        v[:] = self.beta * v + (1 - self.beta) * g
        return v


class NesterovA(Momentum):
    """v ← βv + g, u = g + βv"""

    def direction(self, g, v):
        v[:] = self.beta * v + g
        return g + v


class GradientA(Optimizer):
    """u = g; `ascend` goes up, `descend` goes down"""

    def descend(self, theta, g):
        self.move(theta, g, +self.eta(self.t))


def path_under(kind, rule):
    """That kind of optimizer, beside the formula of the rule."""
    return lambda seed: optimizer_findings(kind, rule, kind.__name__, seed)


OPTIMIZER = [
    Exercise(
        "Adam",
        AdamA,
        path_under(AdamA, "adam"),
        where="θ after",
        why="lacks the power t",
        mistake="1 − β for 1 − βᵗ",
        solution="m / (1 − β₁ᵗ) and v / (1 − β₂ᵗ). Right at t = 1 alone; from then on every step "
        "is "
        "1/√(1−β₂)/… times what it should be, for ever.",
    ),
    Exercise(
        "Adam",
        AdamB,
        path_under(AdamB, "adam"),
        where="θ after",
        why="ε stands inside the root",
        mistake="ε inside the root",
        solution="√v̂ + ε. Inside the root, ε = 1e−8 acts like 1e−4 on coordinates whose gradients "
        "are small.",
    ),
    Exercise(
        "Adam",
        AdamC,
        path_under(AdamC, "adam"),
        where="θ after",
        why="there is no bias correction",
        mistake="no bias correction",
        solution="m̂ and v̂. Both averages start from 0; with β₂ = 0.999 the first steps are "
        "several times too "
        "long.",
    ),
    Exercise(
        "Adam",
        AdamD,
        path_under(AdamD, "adam"),
        where="θ after",
        why="the count t is one ahead",
        mistake="t is one ahead",
        solution="The optimizer counts the step before it asks for the direction: self.t is "
        "already 1 at the "
        "first.",
    ),
    Exercise(
        "Adam",
        AdamE,
        path_under(AdamE, "adam"),
        where="g",
        why="changes the gradient in place",
        mistake="g is squared in place",
        solution="g * g, a new array. The gradient belongs to the caller, who may yet print its "
        "norm or "
        "average it.",
    ),
    Exercise(
        "RMSProp",
        RMSPropA,
        path_under(RMSPropA, "rmsprop"),
        where="θ after",
        why="v averages g, not g²",
        mistake="g for g²",
        solution="v ← ρv + (1−ρ)g². The average of g itself is a momentum.",
    ),
    Exercise(
        "momentum",
        MomentumA,
        path_under(MomentumA, "momentum"),
        where="θ after",
        why="v is a mean",
        mistake="v is a mean",
        solution="v ← βv + g. As a mean, steps are 1−β times as long: the same rule with another "
        "η, and other "
        "papers' η do not fit.",
    ),
    Exercise(
        "Nesterov's momentum",
        NesterovA,
        path_under(NesterovA, "nesterov"),
        where="θ after",
        why="β is missing in g + βv",
        mistake="β is missing",
        solution="u = g + βv.",
    ),
    Exercise(
        "gradient descent",
        GradientA,
        path_under(GradientA, "sgd"),
        where="θ after",
        why="sign is flipped",
        mistake="descend ascends",
        solution="−η. D ascends and G descends; with one sign for both they would cooperate.",
    ),
]
