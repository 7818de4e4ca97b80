"""The gradient penalty GP of D (E46) as stages, from the points to its gradient.

    x̂   the points      g_i = ∂/∂x̂_i Σ a(x̂)   their slopes      s_i = ‖g_i‖²
        GP = (λ/m) Σ h(s_i)

∂GP/∂θ differentiates the backward pass that made g. It is one R-pass: points move along u_i =
∂GP/∂g_i, θ stands still.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from numgan.backend import Array
from numgan.check.means.differences import complex_step, line
from numgan.penalties import Penalty, between
from numgan.trace.means import by_complex_step, through
from numgan.trace.recorder import Pass
from numgan.trace.source import find, of_layer
from numgan.trace.stage import Check, Named, Stage
from numgan.trace.walk import backward, forward, parameter_checks, places


@dataclass(frozen=True, eq=False)
class PenaltyPasses:
    """The four passes of D in which the penalty's gradient is computed, all with one tape."""

    penalty: Penalty
    classes: int
    points: Pass
    slope: Pass
    push: Pass
    change: Pass

    def value(self, theta: Array) -> Array:
        """The penalty as a function of θ, at the same points and with the same random numbers."""
        x = self.points.input
        rng = next((deepcopy(call.rng[0]) for call in self.points.calls if call.rng), None)
        here = replace(self.penalty, points=lambda x_, *_: x[..., : x_.shape[-1]])
        return here.value(self.points.network, theta, x, x, rng, self.classes)

    def of_slopes(self, g: Array) -> Array:
        """The penalty as a function of the slopes g."""
        h = self.penalty.price.h
        return self.penalty.weight * h((g * g).sum(axis=tuple(range(1, g.ndim)))).mean()

    def keys(self, key: str) -> tuple[str, str, str]:
        """The keys of x̂, of its slope g, and of the gradient of GP."""
        return f"{key}-0", f"{key}-free" if self.classes else f"{key}-0-slope", f"{key}-g"

    def stages(self, key: str, x: Named, samples: Named) -> Iterator[Stage]:
        points, penalty = self.points, self.penalty
        at = places(key, "at the points x̂", points, "Σa")
        h, dh = penalty.price.formula, penalty.price.dformula
        g, u = self.slope.result.copy(), self.push.input
        if self.classes:
            g[:, -self.classes :] = 0
        free = (
            Named("g", f"{key}-free", g, "the slope, 0 along the class")
            if self.classes
            else at[0].slope("g", g)
        )
        along = Named("u", f"{key}-u", u, "the direction of the R-pass, ∂GP/∂g")
        yield Stage(
            f"the points x̂ where D pays for its slope: {penalty.name}, λ = {penalty.weight:g}",
            (find(penalty.points, "", (penalty.points.__doc__ or "x̂").split("\n")[0]),),
            (
                x,
                samples,
                *self.epsilon(key, x.value, samples.value),
                at[0].value("x̂", points.input),
            ),
            says=("Like the data and the samples, they stand still.",),
        )
        yield from forward(points, at, "a(x̂), the logits at the points")
        yield from backward(
            self.slope,
            points,
            at,
            np.sum,
            "1 for each point: what is differentiated is Σ a(x̂)",
            "dx is g, the slope of a at each point. No dW, db: they are not needed.",
        )
        s = (g * g).sum(axis=tuple(range(1, g.ndim)), keepdims=True)
        GP = self.value(points.theta)
        yield Stage(
            "the penalty GP, and the direction u = ∂GP/∂g",
            (
                find(Penalty.slopes, "", "sᵢ = ‖gᵢ‖²", "‖g_i‖²"),
                find(Penalty.value, "", f"GP = λ mean {brackets(h)}", "return"),
                find(Penalty.gradient, "E46", f"u = (2λ/m) {'' if dh == '1' else f'{dh} '}g"),
            ),
            (
                free,
                Named("s", f"{key}-s", s, "‖g‖²"),
                Named("GP", f"{key}-GP", GP, "what D pays"),
                along,
            ),
            (
                Check("GP", "formula", GP, self.of_slopes(g)),
                by_complex_step("u", u, self.of_slopes, g),
            ),
        )
        yield self.pushed(key, along)
        yield self.changed(key)

    def epsilon(self, key: str, x: Array, samples: Array) -> Iterator[Named]:
        """The positions of points between sample and datum, for points on these segments."""
        if self.penalty.points is between:
            F = x.shape[-1] - self.classes
            way, gone = (
                np.reshape((to - samples)[..., :F], (len(x), -1)) for to in (x, self.points.input)
            )
            yield Named(
                "ε",
                f"{key}-epsilon",
                (gone * way).sum(1) / (way * way).sum(1),
                "how far from G(z) to x",
            )

    def pushed(self, key: str, u: Named) -> Stage:
        """The R-forward pass: the change of every y."""
        Ra = self.push.result
        lines = dict.fromkeys(of_layer(call.layer, "rforward") for call in self.push.calls)
        Ry = (
            Named(f"R{{y}} of D[{n.number}]", f"{key}-Ry{n.number}", n.result, "R{y}")
            for n in self.push.calls
        )
        E48 = complex_step(
            line(lambda x: through(self.points, self.points.theta, x), self.points.input, u.value)
        )
        return Stage(
            "R-forward: how every y changes when the points move along u",
            (*lines,),
            (u, *Ry),
            (
                Check("R{a}", "E48", Ra, E48),
                Check("Σ R{a}", "⟨u, g⟩", Ra.sum(), np.sum(u.value * self.slope.result)),
            ),
            says=(
                "R{x} of D[0] is u; the R{y} of one layer is the R{x} of the next (E44). "
                "θ_d does not move: R{W} = R{b} = 0.",
            ),
        )

    def changed(self, key: str) -> Stage:
        """The R-backward pass: the change of every dP, which is the gradient of GP."""
        calls = [
            n
            for n in self.change.calls
            if n.method == "rbackward" or n.method == "rgradient" and n.P
        ]
        arrays, checks = [], []
        for call in calls:
            n, names = (
                call.number,
                call.layer.parameters() if call.method == "rgradient" else ("x",),
            )
            results = call.result if call.method == "rgradient" else (call.result,)
            arrays += [
                Named(f"R{{d{name}}} of D[{n}]", f"{key}-R{n}{name}", value, f"R{{∂Σa/∂{name}}}")
                for name, value in zip(names, results, strict=True)
            ]
            if call.method == "rgradient":
                checks += parameter_checks(
                    f"R{{{{d{{}}}}}} of D[{n}]", self.points, n, results, self.value
                )
        lines = dict.fromkeys(of_layer(call.layer, call.method) for call in calls)
        return Stage(
            "R-pass back: how every dW and db changes, which is the gradient of GP",
            (find(Penalty.gradient, "E44", "∇GP = R{∇ Σ a(x̂)}", "rgradient"), *lines),
            (*arrays, Named("∇GP", f"{key}-g", self.change.result, "the gradient of GP for θ_d")),
            tuple(checks),
            says=(
                "From the last layer to the first. Each dy is that of the slope g; "
                "the first is 1, so its R{dy} is 0.",
            ),
        )


def brackets(h: str) -> str:
    """A formula of several factors or terms, in brackets."""
    return h if h == "s" or h.startswith(("(", "max")) else f"[{h}]"
