"""The two steps of an iteration as stages: D ascends Ṽ (E31), G descends Ṽ_g (E32)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from numgan.backend import Array
from numgan.costs import Cost
from numgan.game import Game
from numgan.trace.graph import graph_of_d, graph_of_g
from numgan.trace.means import by_complex_step, through
from numgan.trace.move import after_update_stages, average_stage, update_stage
from numgan.trace.passes import StepPasses
from numgan.trace.recorder import Pass, RecordingOptimizer
from numgan.trace.source import find
from numgan.trace.stage import Check, Named, Stage, headed
from numgan.trace.value import Value
from numgan.trace.walk import Place, backward, forward, places
from numgan.training import Training
from numgan.values import BaseObjective


def discriminator_step(
    passes: StepPasses, optimizer: RecordingOptimizer, key: str, unchanged: Check
) -> Iterator[Stage]:
    """x and z, D on x, D on G(z), the value, back through both, the penalty, the step."""
    training, latent, both = passes.training, passes.latent, passes.both
    fake, real, penalties = passes.fake, passes.real, passes.penalties
    assert real is not None
    objective, g = training.game.objective, optimizer.updates[-1].g
    on_x, on_z = (
        places(f"{key}-x", "on the data", real, "Ṽ"),
        places(f"{key}-z", "on the latents", latent, "Ṽ"),
    )
    on_G = [on_z[-1], *places(f"{key}-G", "on the samples", fake, "Ṽ")[1:]]
    a, b = on_x[-1].value("a(x)", real.result), on_G[-1].value("a(G(z))", fake.result)
    value = Value("Ṽ", objective, a, b)

    def V_of_x(a: Array) -> Array:
        return objective.value(a, fake.result)

    def V_of_G(b: Array) -> Array:
        return objective.value(real.result, b)

    def V(theta: Array) -> Array:
        V = objective.value(through(real, theta, real.input), through(fake, theta, fake.input))
        return V - training.every * sum(R.value(theta) for R in penalties) if penalties else V

    yield Stage(
        "draw the data x and the latents z",
        (find(Training.discriminator_step, "", "x¹ … xᵐ ~ P_data,   z¹ … zᵐ ~ p_z", "x, z ="),),
        (on_x[0].value("x", real.input), on_z[0].value("z", latent.input)),
        graph=graph_of_d(key, on_x, on_z, on_G, value, penalties),
    )
    yield from headed("G on the latents", forward(latent, on_z, "G(z), the samples"))
    yield from headed("D on the data", forward(real, on_x, "a(x), the logits of the data"))
    yield from headed("D on the samples", forward(fake, on_G, "a(G(z)), the logits of the samples"))

    cross = value.objective.logistic
    da, db = passes.back(real).input, passes.back(fake).input
    if both:
        da, db = da[: len(a.value)], da[len(a.value) :]
    yield from headed(
        "The value Ṽ",
        (
            value.stage(
                V_of_x(real.result),
                ["−Ṽ is the cross-entropy of a classifier, data 1, samples 0 (E30)."]
                if cross
                else [],
            ),
            value.gradient(
                (on_x[-1].slope("da(x)", da), on_G[-1].slope("da(G(z))", db)), (V_of_x, V_of_G)
            ),
        ),
    )
    ways = [
        Way(real, on_x, V_of_x, "x", "the data", "da(x)"),
        Way(fake, on_G, V_of_G, "G(z)", "the samples", "da(G(z))"),
    ]
    if both:
        on_both = places(f"{key}-xG", "on the data and the samples", both, "Ṽ")
        V_of_rows = partial(value_of_rows, objective, len(da))
        rows = "da(x), and below it da(G(z))"
        ways = [Way(both, on_both, V_of_rows, "x, G(z)", "the data and the samples", rows)]
    for way in ways:
        yield from headed(f"Back through D, on {way.on}", way.back(passes))
    arrays = [way.gradient(passes, f"{key}-g{n}") for n, way in enumerate(ways)]
    name, parts, lines = "∇Ṽ", " + ".join(array.name for array in arrays), []
    x, samples = on_x[0].value("x", real.input), on_z[-1].value("G(z)", fake.input)
    numbers = [""] if len(penalties) == 1 else range(1, len(penalties) + 1)
    for penalty, j in zip(penalties, numbers, strict=True):
        which = f", {penalty.penalty.name}" if j else ""
        yield from headed(
            f"D at the points x̂: the gradient penalty{which}",
            penalty.stages(f"{key}-R{j}", x, samples),
        )
        arrays.append(
            Named(f"∇GP{j}", f"{key}-R{j}-g", penalty.change.result, f"the gradient of GP{j}")
        )
    if penalties:
        paid = " + ".join(array.name for array in arrays[len(ways) :])
        paid = paid if len(penalties) == 1 else f"({paid})"
        paid = paid if training.every == 1 else f"{training.every} {paid}"
        name, parts = "∇(Ṽ − GP)", f"{parts} − {paid}"
        lines = [find(Game.discriminator_step, "", f"less {paid}", "dtheta_d -=")]
    absent = training.game.penalty and not penalties
    whole = Stage(
        "the gradient, one flat vector: of data and samples"
        + (", less the penalty" if lines else ""),
        (find(Game.discriminator_step, "E31", f"{name} = {parts}", "dtheta_d ="), *lines),
        (*arrays, Named(name, f"{key}-g", g, "the gradient of θ_d")),
        (gradient_check(name, real, g, V),),
        says=(
            "«Via x» is what came by way of the data, «via G(z)» by way of the samples.",
            "D's rows are separate: one pass of 2m rows gives the sum of both (E30)."
            if both
            else "",
            layout_sentence("θ_d", real),
            f"No penalty at this step: it is taken at one of {training.every}." if absent else "",
        ),
    )
    step = Training.discriminator_step
    update = update_stage("θ_d", name, key, real, optimizer, partial(find, step, "E31"), unchanged)
    after = after_update_stages(
        "θ_d", key, real.network, training.theta_d, optimizer.updates[-1], step, training.clip
    )
    yield from headed("The step of θ_d", (whole, update, *after))


@dataclass(frozen=True)
class Way:
    """A way back from Ṽ to θ_d: by the data, by the samples, or by the rows of both at once."""

    forward: Pass
    at: list[Place]
    V: Callable[[Array], Array]  # of what the forward pass returned
    name: str
    on: str
    starts: str

    def back(self, passes: StepPasses) -> Iterator[Stage]:
        """The stages, one a layer."""
        ends = "No dx: data are fixed, and samples count as data here (E31)."
        back = passes.back(self.forward)
        return backward(back, self.forward, self.at, self.V, self.starts, ends)

    def gradient(self, passes: StepPasses, key: str) -> Named:
        """Where it leads to."""
        found = passes.back(self.forward).result
        return Named(f"∇Ṽ via {self.name}", key, found, f"∂Ṽ/∂θ_d by way of {self.on}")


def value_of_rows(objective: BaseObjective, m: int, a: Array) -> Array:
    """Ṽ of the logits of m data and of the samples below them."""
    return objective.value(a[:m], a[m:])


def generator_step(
    passes: StepPasses, optimizer: RecordingOptimizer, key: str, unchanged: Check, theta_bar: Array
) -> Iterator[Stage]:
    """A fresh z through G and the new D, back through D, which does not change, and through G."""
    training, latent, fake, real = passes.training, passes.latent, passes.fake, passes.real
    objective, g = training.game.objective, optimizer.updates[-1].g
    cost, z, G = training.game.cost, latent.input, training.game.G
    descended = "Ṽ_g" if cost is None else "Ṽ_g + C"
    on_z = places(f"{key}-z", "on the fresh latents", latent, descended)
    on_G = places(f"{key}-G", "on the fresh samples", fake, "Ṽ_g")
    on_G[0] = replace(on_z[-1], V="Ṽ_g")
    on_x = (
        None if real is None else places(f"{key}-x", "on the fresh data", real, "Ṽ_g")
    )  # a relativistic objective
    a = None if real is None or on_x is None else on_x[-1].value("a(x)", real.result)
    value = Value("Ṽ_g", objective, a, on_G[-1].value("a(G(z))", fake.result))

    def V(a: Array) -> Array:
        return objective.generator_value(a, None if real is None else real.result)

    def V_of_samples(samples: Array, theta: Array = latent.theta) -> Array:
        of_logits = V(through(fake, fake.theta, samples))
        return of_logits if cost is None else of_logits + cost.value(G, theta, z, samples)

    def V_of_theta(theta: Array) -> Array:
        return V_of_samples(through(latent, theta, z), theta)

    drawn = [on_z[0].value("z", latent.input)]
    lines = [find(Training.generator_step, "", "z¹ … zᵐ ~ p_z", "z =")]
    if real is not None and on_x is not None:
        drawn.append(on_x[0].value("x", real.input))
        lines.append(find(Training.generator_step, "", "x¹ … xᵐ ~ P_data", "x ="))
    yield Stage(
        f"draw fresh latents z{' and fresh data x' if real else ''}",
        tuple(lines),
        tuple(drawn),
        graph=graph_of_g(key, on_x, on_z, on_G, value, cost),
    )
    yield from headed("G on the fresh latents", forward(latent, on_z, "G(z), the fresh samples"))
    yield from headed(
        "D on the fresh samples, with the new θ_d",
        forward(fake, on_G, "a(G(z)), what D now says of the samples"),
    )
    if real is not None and on_x is not None:
        yield from headed(
            "D on the fresh data, with the new θ_d",
            forward(real, on_x, "a(x), what D now says of the data"),
        )
    da = on_G[-1].slope("da(G(z))", passes.back(fake).input)
    yield from headed(
        "The value Ṽ_g", (value.stage(V(fake.result), ()), value.gradient((da,), (V,)))
    )
    back = backward(
        passes.back(fake),
        fake,
        on_G,
        V,
        "da(G(z))",
        "dx is ∂Ṽ_g/∂x at x = G(z). D has no dW, db here: θ_d stays.",
    )
    yield from headed("Back through D, to its input (E35)", back)
    paid: list[Named] = []
    slope, came = "∂Ṽ_g/∂x", "the dx of D[0], which is ∂Ṽ_g/∂x at x = G(z)"
    if cost is not None:
        on_z[-1] = replace(on_z[-1], key=f"{key}-paid")
        dx = on_z[-1].slope("dx + ∂C/∂x", passes.back(latent).input)
        of_cost = cost_stage(cost, key, latent, on_G[0].value("G(z)", fake.input), dx)
        yield from headed("What G pays beside its value (E55)", (of_cost,))
        paid = [Named("∂C/∂θ_g", f"{key}-C-theta", cost.dtheta(G, latent.theta), "of θ_g itself")]
        slope, came = "∂Ṽ_g/∂x + ∂C/∂x", "the dx of D[0] and ∂C/∂x, at x = G(z)"
    back = backward(
        passes.back(latent), latent, on_z, V_of_samples, came, "No dx: the latents are fixed."
    )
    yield from headed("Back through G, from x = G(z) (E35)", back)
    name = "∇Ṽ_g" if cost is None else "∇(Ṽ_g + C)"
    whole = Stage(
        "the gradient: the chain rule through D into G, one flat vector",
        (
            find(
                Game.generator_step,
                "E35",
                f"{name} = Σᵢ (∂G(zⁱ)/∂θ_g)ᵀ dxⁱ,   dxⁱ = {slope} at x = G(zⁱ)",
                "dtheta_g =",
            ),
            *([find(Game.generator_step, "E55", "+ ∂C/∂θ_g", "dtheta_g + ")] if paid else ()),
        ),
        (*paid, Named(name, f"{key}-g", g, "the gradient of θ_g")),
        (gradient_check(name, latent, g, V_of_theta),),
        says=(layout_sentence("θ_g", latent),),
    )
    step = Training.generator_step
    update = update_stage(
        "θ_g", name, key, latent, optimizer, partial(find, step, "E32"), unchanged
    )
    after = after_update_stages(
        "θ_g", key, latent.network, training.theta_g, optimizer.updates[-1], step
    )
    average = [average_stage(training, theta_bar, key)] if training.average else []
    yield from headed("The step of θ_g", (whole, update, *after, *average))


def cost_stage(cost: Cost, key: str, latent: Pass, samples: Named, dx: Named) -> Stage:
    """The cost that G pays in addition to its value, and its slope at the samples (E55)."""
    G, theta, z, at = latent.network, latent.theta, latent.input, samples.value
    slope = cost.dsamples(z, at)
    formula = " + ".join(part.formula for part in cost.parts)
    return Stage(
        f"the cost C of G: {cost.name}",
        (
            *(find(type(part).value, "E55", f"C = {part.formula}") for part in cost.parts),
            find(Game.generator_step, "E55", "dx + ∂C/∂x", "dx = dx +"),
        ),
        (
            samples,
            Named("C", f"{key}-C", cost.value(G, theta, z, at), formula),
            Named("∂C/∂x", f"{key}-C-x", slope, "its slope at the samples"),
            dx,
        ),
        (by_complex_step("∂C/∂x", slope, lambda x: cost.value(G, theta, z, x), at),),
    )


def layout_sentence(theta: str, forward: Pass) -> str:
    """The places of the parameters in θ and in its gradient, as a sentence."""
    names = [
        f"{forward.player}[{n}].{name}"
        for n, places in enumerate(forward.network.layout)
        for name, *_ in places
    ]
    return f"{theta} and its gradient hold, one after the other: {', '.join(names)}."


def gradient_check(name: str, forward: Pass, g: Array, V: Callable[[Array], Array]) -> Check:
    """The whole gradient against E48, where θ holds variables of the game."""
    free = np.flatnonzero(~forward.network.fixed)
    return by_complex_step(name, g[free], V, forward.theta, free)
