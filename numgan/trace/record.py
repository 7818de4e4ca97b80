"""From an iteration of Algorithm 1 to its stages.

The iteration is run by `Training` and `Game` themselves, on networks that record their passes.
What is written here is only which equation each call belongs to, and by what other means the same
quantity can be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from numgan.backend import Array
from numgan.costs import Cost
from numgan.game import Game
from numgan.trace.means import by_complex_step, through
from numgan.trace.move import after_update_stages, average_stage, update_stage
from numgan.trace.penalty import PenaltyPasses
from numgan.trace.recorder import Pass, RecordingNetwork, RecordingOptimizer
from numgan.trace.source import find
from numgan.trace.stage import Check, Named, Stage
from numgan.trace.value import Value
from numgan.trace.walk import backward, forward, places
from numgan.training import Training


def record(training: Training) -> list[Stage]:
    """The stages of the next iteration. It runs on copies: `training` is unchanged."""
    recorded, plain = deepcopy(training), deepcopy(training)
    passes: list[Pass] = []
    G, D = (
        RecordingNetwork(name, network, passes)
        for name, network in (("G", recorded.game.G), ("D", recorded.game.D))
    )
    recorded.game = replace(recorded.game, G=G, D=D)
    recorded.optimizer_d = d = RecordingOptimizer(recorded.optimizer_d)  # type: ignore[assignment]
    recorded.optimizer_g = g = RecordingOptimizer(recorded.optimizer_g)  # type: ignore[assignment]

    stages: list[Stage] = []
    for step in range(1, training.k + 1):
        theta_g = recorded.theta_g.copy()
        recorded.discriminator_step()
        unchanged = Check("θ_g", "before", recorded.theta_g.copy(), theta_g, tolerance=0.0)
        found = StepPasses(recorded, passes)
        climbed = "Ṽ − R" if found.penalties else "Ṽ"
        part = f"D step {step} of {training.k}: θ_d ascends {climbed} (E31)"
        stages += [
            replace(stage, part=part)
            for stage in discriminator_step(found, d, f"d{step}", unchanged)
        ]
        passes.clear()
    theta_d, theta_bar = recorded.theta_d.copy(), recorded.theta_bar.copy()
    recorded.generator_step()
    unchanged = Check("θ_d", "before", recorded.theta_d, theta_d, tolerance=0.0)
    last = generator_step(StepPasses(recorded, passes), g, "g", unchanged, theta_bar)
    descended = "Ṽ_g" if recorded.game.cost is None else "Ṽ_g + C"
    stages += [replace(stage, part=f"G step: θ_g descends {descended} (E32)") for stage in last]

    plain.iteration()
    return [*stages, plain_run_stage(recorded, plain)]


@dataclass(frozen=True)
class StepPasses:
    """The passes of one step, found by what they were given: G(z), D on it, and D on the data where
    there are any.
    """

    training: Training
    passes: list[Pass]

    @property
    def latent(self) -> Pass:
        return next(p for p in self.passes if p.player == "G" and p.method == "forward")

    @property
    def fake(self) -> Pass:
        samples = self.latent.calls[-1].result
        return next(
            p
            for p in self.passes
            if p.player == "D" and p.method == "forward" and p.input is samples
        )

    @property
    def real(self) -> Pass | None:
        others = (
            p
            for p in self.passes
            if p.player == "D" and p.method == "forward" and p is not self.fake
        )
        return next(others, None)

    @property
    def penalties(self) -> list[PenaltyPasses]:
        """The passes of each penalty, where they were taken: the only ones that change anything
        along a direction, each with a tape of its own.
        """
        game = self.training.game
        tapes = [p.tape for p in self.passes if p.method == "rforward"]
        if game.penalty is None or not tapes:
            return []
        return [
            PenaltyPasses(part, game.classes, *(p for p in self.passes if p.tape is tape))
            for part, tape in zip(game.penalty.parts, tapes, strict=True)
        ]

    def back(self, forward: Pass) -> Pass:
        """The pass back through a forward pass: the one that was handed its tape."""
        return next(p for p in self.passes if p.method != "forward" and p.tape is forward.tape)


# ── the two steps ──────────────────────────────────────────────────────────────────────────────


def discriminator_step(
    passes: StepPasses, optimizer: RecordingOptimizer, key: str, unchanged: Check
) -> Iterator[Stage]:
    """x and z, D on x, D on G(z), the value, back through both, the penalty, the step."""
    training, latent, fake, real, penalties = (
        passes.training,
        passes.latent,
        passes.fake,
        passes.real,
        passes.penalties,
    )
    assert real is not None
    objective, g = training.game.objective, optimizer.updates[-1].g
    on_x, on_z = (
        places(f"{key}-x", "on the data", real),
        places(f"{key}-z", "on the latents", latent),
    )
    on_G = [on_z[-1], *places(f"{key}-G", "on the samples", fake)[1:]]
    a, b = on_x[-1].value("a(x)", real.result), on_G[-1].value("a(G(z))", fake.result)
    value = Value("Ṽ", objective, a, b)

    def V_of_x(a: Array) -> Array:
        return objective.value(a, fake.result)

    def V_of_G(b: Array) -> Array:
        return objective.value(real.result, b)

    def V(theta: Array) -> Array:
        V = objective.value(through(real, theta, real.input), through(fake, theta, fake.input))
        return V - training.every * sum(R.R(theta) for R in penalties) if penalties else V

    yield Stage(
        "draw the data x and the latents z",
        (find(Training.discriminator_step, "", "x¹ … xᵐ ~ P_data,   z¹ … zᵐ ~ N(0, I)", "x, z ="),),
        (on_x[0].value("x", real.input), on_z[0].value("z", latent.input)),
    )
    yield from forward(real, on_x, "on the data x", "a(x), the logits of the data")
    yield from forward(latent, on_z, "on the latents z", "G(z), the samples")
    yield from forward(fake, on_G, "on the samples G(z)", "a(G(z)), the logits of the samples")

    cross = value.objective.logistic
    yield value.stage(
        V_of_x(real.result),
        ["−Ṽ is the cross-entropy of a classifier, data 1, samples 0 (E30)."] if cross else [],
    )
    da, db = passes.back(real).input, passes.back(fake).input
    yield value.gradient(
        (on_x[-1].slope("da(x)", da), on_G[-1].slope("da(G(z))", db)), (V_of_x, V_of_G)
    )
    yield from backward(
        passes.back(real),
        real,
        on_x,
        "on the data x",
        V_of_x,
        "da(x)",
        "No dx: the data are fixed, so no gradient is needed there.",
    )
    yield from backward(
        passes.back(fake),
        fake,
        on_G,
        "on the samples G(z)",
        V_of_G,
        "da(G(z))",
        "No dx: the samples count as data here (E31), nothing goes back into G.",
    )
    name, parts, lines = "∇Ṽ", "∇x + ∇G", []
    arrays = [
        Named("∇x", f"{key}-gx", passes.back(real).result, "∂Ṽ/∂θ_d by way of a(x)"),
        Named("∇G", f"{key}-gG", passes.back(fake).result, "∂Ṽ/∂θ_d by way of a(G(z))"),
    ]
    if penalties:
        times = "" if training.every == 1 else f"{training.every} "
        for number, penalty in enumerate(penalties, 1):
            R, j = ("∇R", "") if len(penalties) == 1 else (f"∇R{number}", f"{number}")
            x, samples = on_x[0].value("x", real.input), on_z[-1].value("G(z)", fake.input)
            yield from penalty.stages(f"{key}-R{j}", x, samples)
            arrays.append(Named(R, f"{key}-R{j}-g", penalty.change.result, "∂R/∂θ_d"))
        sums = " + ".join(array.name for array in arrays[2:])
        sums = times + (sums if len(penalties) == 1 else f"({sums})")
        name, parts = "∇(Ṽ − R)", f"∇x + ∇G − {sums}"
        lines = [find(Game.discriminator_step, "", f"less {sums}", "dtheta_d -=")]
    absent = training.game.penalty and not penalties
    yield Stage(
        "the gradient, one flat vector: data's part, samples' part"
        + (", less the penalty" if lines else ""),
        (find(Game.discriminator_step, "E31", f"{name} = {parts}", "dtheta_d ="), *lines),
        (*arrays, Named(name, f"{key}-g", g, "the gradient of θ_d")),
        (gradient_check(name, real, g, V),),
        says=(
            "∇x is what came by way of the data, ∇G by way of the samples.",
            layout_sentence("θ_d", real),
            f"No penalty at this step: it is taken at one of {training.every}." if absent else "",
        ),
    )
    yield update_stage(
        "θ_d",
        name,
        key,
        real,
        optimizer,
        find(Training.discriminator_step, "E31", "θ_d′ = θ_d + ηu"),
        unchanged,
    )
    yield from after_update_stages(
        "θ_d",
        key,
        real.network,
        training.theta_d,
        optimizer.updates[-1],
        Training.discriminator_step,
        training.clip,
    )


def generator_step(
    passes: StepPasses, optimizer: RecordingOptimizer, key: str, unchanged: Check, theta_bar: Array
) -> Iterator[Stage]:
    """A fresh z through G and the new D, back through D, which does not change, and through G."""
    training, latent, fake, real = passes.training, passes.latent, passes.fake, passes.real
    objective, g = training.game.objective, optimizer.updates[-1].g
    on_z = places(f"{key}-z", "on the fresh latents", latent)
    on_G = [on_z[-1], *places(f"{key}-G", "on the fresh samples", fake)[1:]]
    on_x = (
        None if real is None else places(f"{key}-x", "on the fresh data", real)
    )  # a relativistic objective
    a = None if real is None or on_x is None else on_x[-1].value("a(x)", real.result)
    value = Value("Ṽ_g", objective, a, on_G[-1].value("a(G(z))", fake.result))

    def V(a: Array) -> Array:
        return objective.generator_value(a, None if real is None else real.result)

    cost, z, G = training.game.cost, latent.input, training.game.G

    def V_of_samples(samples: Array, theta: Array = latent.theta) -> Array:
        of_logits = V(through(fake, fake.theta, samples))
        return of_logits if cost is None else of_logits + cost.value(G, theta, z, samples)

    def V_of_theta(theta: Array) -> Array:
        return V_of_samples(through(latent, theta, z), theta)

    drawn = [on_z[0].value("z", latent.input)]
    lines = [find(Training.generator_step, "", "z¹ … zᵐ ~ N(0, I)", "z =")]
    if real is not None and on_x is not None:
        drawn.append(on_x[0].value("x", real.input))
        lines.append(find(Training.generator_step, "", "x¹ … xᵐ ~ P_data", "x ="))
    yield Stage(
        f"draw fresh latents z{' and fresh data x' if real else ''}", tuple(lines), tuple(drawn)
    )
    yield from forward(latent, on_z, "on the fresh z", "G(z), the fresh samples")
    yield from forward(
        fake, on_G, "on G(z), with the new θ_d", "a(G(z)), what D now says of the samples"
    )
    if real is not None and on_x is not None:
        yield from forward(
            real, on_x, "on the data x, with the new θ_d", "a(x), what D now says of the data"
        )
    yield value.stage(V(fake.result), ())
    yield value.gradient((on_G[-1].slope("da(G(z))", passes.back(fake).input),), (V,))
    yield from backward(
        passes.back(fake),
        fake,
        on_G,
        "to its input (E35)",
        V,
        "da(G(z))",
        "dx is ∂Ṽ_g/∂x at x = G(z). D has no dW, db here: θ_d stays.",
    )
    paid: list[Named] = []
    if cost is not None:
        yield cost_stage(cost, key, latent, on_z[-1].value("G(z)", fake.input))
        paid = [Named("∂C/∂θ_g", f"{key}-C-theta", cost.dtheta(G, latent.theta), "of θ_g itself")]
    yield from backward(
        passes.back(latent),
        latent,
        on_z,
        "from ∇ₓ at x = G(z) (E35)",
        V_of_samples,
        "the dx of D[0], which is the slope of Ṽ_g at the samples"
        + (", and ∂C/∂x" if cost is not None else ""),
        "No dx: the latents are fixed.",
    )
    name, slope = ("∇(Ṽ_g + C)", "∂Ṽ_g/∂x + ∂C/∂x") if paid else ("∇Ṽ_g", "∂Ṽ_g/∂x")
    yield Stage(
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
    yield update_stage(
        "θ_g",
        name,
        key,
        latent,
        optimizer,
        find(Training.generator_step, "E32", "θ_g′ = θ_g − ηu"),
        unchanged,
    )
    yield from after_update_stages(
        "θ_g", key, latent.network, training.theta_g, optimizer.updates[-1], Training.generator_step
    )
    yield average_stage(training, theta_bar, key)


def cost_stage(cost: Cost, key: str, latent: Pass, samples: Named) -> Stage:
    """What G pays beside its value, and the slope of that at the samples (E55)."""
    G, theta, z, at = latent.network, latent.theta, latent.input, samples.value
    dx = cost.dsamples(z, at)
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
            Named("∂C/∂x", f"{key}-C-x", dx, "its slope at the samples, added to dx"),
        ),
        (by_complex_step("∂C/∂x", dx, lambda x: cost.value(G, theta, z, x), at),),
    )


def layout_sentence(theta: str, forward: Pass) -> str:
    """Where in θ and its gradient the parameters stand."""
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


def plain_run_stage(recorded: Training, plain: Training) -> Stage:
    """The recorded iteration equals the plain one, on networks that record nothing, bit for bit."""
    pairs = (("θ_d", recorded.theta_d, plain.theta_d), ("θ_g", recorded.theta_g, plain.theta_g))
    return Stage(
        "Training.iteration from the same start, without tracing",
        (find(Training.iteration, "", "k times E31, once E32", "self.generator_step"),),
        checks=tuple(Check(name, "plain run", a, b, tolerance=0.0) for name, a, b in pairs),
        part="The iteration as a whole",
    )
