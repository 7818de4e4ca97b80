"""The trace plays the library's own iteration, every comparison agrees, a planted mistake is seen
at its place.
"""

import re
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import pytest

from numgan import OBJECTIVES, Adam, Dense, Game, LeakyReLU, Network
from numgan.costs import COSTS
from numgan.data import dataset
from numgan.layers import (
    BatchNorm,
    Convolution,
    Dropout,
    Flatten,
    Reshape,
    SpectralNorm,
    Tanh,
    TransposedConvolution,
)
from numgan.objectives import smoothed
from numgan.optimizers import OPTIMIZERS
from numgan.penalties import PENALTIES
from numgan.trace import record
from numgan.trace.source import PACKAGE, find, of_layer
from numgan.trace.stage import ending
from numgan.training import Training

# thousands of roundings of numbers of order 1; a wrong factor or sign is off by far more
ROUNDING = 1e-12


def tiny(
    objective="minimax",
    optimizer="adam",
    k=1,
    data="gaussian",
    D=None,
    G=None,
    m=3,
    penalty=None,
    **options,
):
    """A training of two small networks in float64."""
    source = dataset(data, "float64")
    D = D or [Dense(source.dim, 3), LeakyReLU(), Dense(3, 1)]
    G = G or [Dense(2, 4), Tanh(), Dense(4, source.dim)]
    game = Game(Network(G, (2,)), Network(D, (source.dim,)), OBJECTIVES[objective], penalty)
    rng = np.random.default_rng(0)
    theta_d, theta_g = game.D.initial(rng, "float64"), game.G.initial(rng, "float64")
    make = OPTIMIZERS[optimizer]
    return Training(
        game, source, rng, theta_d, theta_g, make(0.01), make(0.02), m=m, k=k, **options
    )


IMAGES = {
    "D": [
        Reshape((8, 8, 1)),
        Convolution(1, 2, 4, 2, 1),
        BatchNorm(2),
        LeakyReLU(),
        Flatten(),
        Dropout(0.3),
        SpectralNorm(Dense(32, 1)),
    ],
    "G": [
        Dense(2, 32),
        Reshape((4, 4, 2)),
        BatchNorm(2),
        Tanh(),
        TransposedConvolution(2, 1, 4, 2, 1),
        Flatten(),
    ],
}


@pytest.fixture(scope="module")
def stages():
    return record(tiny(k=2))


def named(stages, title, name):
    """The array of that name in the first stage whose title begins so."""
    return next(
        a.value for s in stages if s.title.startswith(title) for a in s.arrays if a.name == name
    )


def test_the_traced_numbers_are_the_librarys_bit_for_bit():
    training = tiny()
    told = record(training)
    plain = deepcopy(training)
    x, z = plain.data.batch(3, plain.rng), plain.latents(3)
    step = plain.game.discriminator_step(plain.theta_d, plain.theta_g, x, z, plain.rng)
    assert np.array_equal(named(told, "draw the data", "x"), x) and np.array_equal(
        named(told, "draw the data", "z"), z
    )
    assert np.array_equal(named(told, "the value Ṽ", "a(x)"), step.a_real)
    assert np.array_equal(named(told, "the value Ṽ", "a(G(z))"), step.a_fake)
    assert np.array_equal(named(told, "the gradient, one flat vector", "∇Ṽ"), step.dtheta_d)
    plain.optimizer_d.ascend(plain.theta_d, step.dtheta_d)
    assert np.array_equal(named(told, "the step of θ_d", "new θ_d"), plain.theta_d)
    step = plain.game.generator_step(plain.theta_d, plain.theta_g, plain.latents(3), plain.rng)
    assert np.array_equal(named(told, "the gradient: the chain rule", "∇Ṽ_g"), step.dtheta_g)


@pytest.mark.parametrize("k", [1, 3])
def test_the_stages_end_where_an_iteration_ends(k):
    training = tiny(k=k)
    told = record(training)
    training.iteration()
    moved = [a.value for s in told for a in s.arrays if a.name == "new θ_d"]
    assert len(moved) == k and np.array_equal(moved[-1], training.theta_d)
    assert np.array_equal(named(told, "the step of θ_g", "new θ_g"), training.theta_g)


def test_recording_changes_nothing_of_the_training():
    training = tiny()
    before = deepcopy(training)
    record(training)
    assert np.array_equal(training.theta_d, before.theta_d) and np.array_equal(
        training.theta_g, before.theta_g
    )
    assert training.rng.bit_generator.state == before.rng.bit_generator.state
    assert training.optimizer_d.t == 0 and training.iterations == 0


def agrees(stages):
    checks = [check for stage in stages for check in stage.all_checks]
    assert len(checks) > 20 and all(check.ok for check in checks)
    assert max(check.difference for check in checks) <= ROUNDING


SMOOTH = {"D": [Dense(1, 3), Tanh(), Dense(3, 1)]}  # every R-pass has terms in φ''


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_comparison_agrees_for_every_objective_with_and_without_a_penalty(objective):
    agrees(record(tiny(objective)))
    agrees(record(tiny(objective, penalty=PENALTIES["wgan-gp"], k=2, **SMOOTH)))


@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_comparison_agrees_for_every_penalty(penalty):
    agrees(record(tiny(penalty=replace(PENALTIES[penalty], weight=2.5), **SMOOTH)))
    agrees(record(tiny(penalty=PENALTIES[penalty], data="digits", **IMAGES)))


def test_E55_every_comparison_agrees_for_sums_of_penalties_and_costs_of_g():
    """Each penalty has its own stages; the step subtracts all, and G's dx has the cost's slope."""
    training = tiny(
        "paired", "adam", 2, "ring", penalty=PENALTIES["r1"] + PENALTIES["wgan-gp"], every=2
    )
    cost = COSTS["transport"] + replace(COSTS["decay"], weight=0.3)
    training.game = replace(training.game, cost=cost)
    stages = record(training)
    agrees(stages)
    told = [line.formula for stage in stages for line in stage.lines]
    assert "less 2 (∇GP1 + ∇GP2)" in told and "dx + ∂C/∂x" in told
    assert sum(stage.title.startswith("R-pass back") for stage in stages) == 2
    assert named(stages, "the cost C", "C") == cost.value(
        training.game.G,
        training.theta_g,
        named(stages, "draw fresh latents", "z"),
        named(stages, "the cost C", "G(z)"),
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_comparison_agrees_for_every_optimizer(optimizer):
    stages = record(tiny("nonsaturating", optimizer, k=2))
    agrees(stages)
    assert [s.table[0][2:] for s in stages if s.table][0] == ("[0].W[0,0]", "[2].b[0]")


def test_every_comparison_agrees_for_images_batch_norm_dropout_and_spectral_norm():
    stages = record(tiny(data="digits", **IMAGES))
    agrees(stages)
    sums = [s.sum for s in stages if s.sum]
    # the convolution in D on x and on G(z); the transposed one and the dense one in G
    assert len(sums) == 2 + 2
    assert all(check.difference <= ROUNDING for _, check in sums)


def test_the_penaltys_numbers_are_the_librarys_bit_for_bit():
    training = tiny(penalty=PENALTIES["wgan-gp"], **SMOOTH)
    told, plain = record(training), deepcopy(training)
    x, z = plain.data.batch(3, plain.rng), plain.latents(3)
    samples = plain.game.G(plain.theta_g, z)
    dR = plain.game.penalty.gradient(plain.game.D, plain.theta_d, x, samples, plain.rng)
    assert np.array_equal(named(told, "R-pass back", "∇GP"), dR)
    at, moved, g = (
        named(told, *where)
        for where in (("the points", "x̂"), ("R-forward", "u"), ("the penalty GP", "g"))
    )
    epsilon = named(told, "the points", "ε")[:, None]
    assert np.allclose(at, epsilon * x + (1 - epsilon) * samples, rtol=0, atol=ROUNDING)
    assert np.allclose(
        moved, 20 / 3 * (1 - 1 / abs(g)) * g, rtol=0, atol=ROUNDING
    )  # E46 on the line, λ = 10, m = 3
    step = named(told, "the step of θ_d", "∇(Ṽ − GP)")
    assert np.array_equal(step, named(told, "the gradient, one", "∇Ṽ via x, G(z)") - dR)


def test_the_penalty_is_told_where_it_is_taken_and_only_there():
    stages = record(tiny(penalty=PENALTIES["r1"], k=2, every=2))
    agrees(stages)
    first, second = ([s for s in stages if s.part.startswith(f"D step {n}")] for n in (1, 2))
    assert "Ṽ − GP" in first[0].part and any(s.title.startswith("R-pass back") for s in first)
    assert any("∇Ṽ via x, G(z) − 2 ∇GP" in line.formula for s in first for line in s.lines)
    assert "Ṽ − GP" not in second[0].part and not any("R-" in s.title for s in second)
    assert any("No penalty at this step" in remark for s in second for remark in s.says)


def test_a_conditional_penalty_leaves_the_slope_along_the_class_free():
    stages = record(conditional())
    agrees(stages)
    assert (
        not named(stages, "the penalty GP", "g")[:, 1].any()
        and not named(stages, "R-forward", "u")[:, 1].any()
    )


def test_what_moves_θ_besides_the_step_is_told():
    training = tiny("wasserstein", clip=0.2, average=0.9)
    stages = record(training)
    agrees(stages)
    training.iteration()
    clipped = named(stages, "θ_d once more", "final θ_d")
    assert np.array_equal(clipped, training.theta_d) and abs(clipped).max() == 0.2
    assert np.array_equal(named(stages, "the average", "new average"), training.theta_bar)
    remembered = record(tiny(data="digits", **IMAGES))
    assert [s.title[:3] for s in remembered if "once more" in s.title] == ["θ_d", "θ_g"]


# ── what is said
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def evaluated(formula, **names):
    """A formula of the page as a number: what it says, read by Python."""
    python = formula.replace("−", "-").replace("²", "**2").replace("/m", "")
    for letter, value in {
        "½ ": "0.5*",
        "¼ ": "0.25*",
        "2 (D)": "2*D",
        "[": "float(",
        "]": ")",
    }.items():
        python = python.replace(letter, value)
    return eval(
        python, {"log": np.log, "exp": np.exp, "tanh": np.tanh, "min": min, "float": float}, names
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_formulas_of_the_terms_are_the_terms(name):
    for player, term in OBJECTIVES[name].terms.items():
        say = f"numgan/objectives.py: the formula of the term of {player} of {name}"
        assert "t(" not in term.formula and "t′(" not in term.dformula, f"{say} is missing"
        says_what_it_is(term, say)


def says_what_it_is(term, say):
    t, slope = term.formula, term.dformula
    for a in np.array([-2.3, -0.4, 0.7, 1.9]):
        D = 1 / (1 + np.exp(-a))
        assert abs(evaluated(t.format(a="a", D="(D)"), a=a, D=D) - term.t(a)) < ROUNDING, say
        assert abs(evaluated(slope.format(a="a", D="(D)"), a=a, D=D) - term.dt(a)) < ROUNDING, say


def test_every_objective_has_its_formula_and_a_smoothed_label_says_that_it_has_none():
    for name in OBJECTIVES:
        assert not any(
            "t(" in line.formula
            for s in record(tiny(name))
            if s.title.startswith("the value")
            for line in s.lines
        )
    training = tiny()
    training.game = replace(training.game, objective=smoothed(training.game.objective, 0.1))
    stages = record(training)
    agrees(stages)
    assert "t is a term of its own" in " ".join(
        next(s for s in stages if s.title == "the value Ṽ").says
    )


def test_a_non_saturating_value_bears_its_own_label():
    labels = {
        name: next(s for s in record(tiny(name)) if s.title == "the value Ṽ_g").lines[0].label
        for name in ("minimax", "nonsaturating")
    }
    assert labels == {"minimax": "E32", "nonsaturating": "E34"}


def test_each_player_stays_while_the_other_moves(stages):
    still = [c for s in stages for c in s.checks if c.by == "before"]
    assert [c.name for c in still] == ["θ_g", "θ_g", "θ_d"] and all(
        c.difference == 0.0 for c in still
    )


def test_each_source_line_bears_its_label():
    stages = record(tiny("nonsaturating", penalty=PENALTIES["r1"], k=2))
    lines = [line for stage in stages for line in stage.lines]
    labels = set()
    for line in lines:
        file = (PACKAGE / line.source.file).read_text(encoding="utf-8").split("\n")
        # a statement may go over a few lines, its label at the end of any of them
        text = "\n".join(file[line.source.line - 1 : line.source.line + 5])
        bare = "".join(part.partition("#")[0] for part in text.split("\n"))
        assert squeezed(line.source.code) in squeezed(bare)
        written = (
            r"R\{d?L\d+\}" if line.label == "E44" and "penalties" not in line.source.file else ""
        )
        assert re.search(written or line.label.replace("L", "d?L"), text)
        labels.add(line.label)
    assert labels >= {"E29", "E31", "E32", "E33", "E34", "E35", "E36", "E44", "E46", "L1", "L2"}


def squeezed(code):
    """The code without the spaces and the last comma by which a formatter breaks lines."""
    return re.sub(r",(?=[)\]}])", "", re.sub(r"\s", "", code))


# fmt: off
def several_lines(x):
    return max(
        x, 0
    )  # E31
# fmt: on


def test_a_statement_on_several_lines_is_found_by_a_label_at_its_end():
    line = find(several_lines, "E31")
    assert line.label == "E31" and line.source.file.endswith("test_trace.py")
    assert line.source.code.startswith("return max(")
    assert line.source.code.endswith(")") and "\n" not in line.source.code


def test_a_formula_that_goes_on_in_the_next_line_is_read_to_its_end():
    assert (
        of_layer(Convolution(1, 1, 1), "rforward").formula
        == "R{y} = conv(R{x}, W) + conv(x, R{W}) + R{b}"
    )


def conditional():
    """A game in which the second number of a row stands for a class."""
    training = tiny(penalty=PENALTIES["wgan-gp"], data="ring", D=[Dense(2, 4), Tanh(), Dense(4, 1)])
    return replace(training, game=replace(training.game, classes=1))


@pytest.mark.parametrize(
    "training",
    [
        tiny(k=2),
        tiny("relativistic", clip=0.2),
        conditional(),
        tiny(data="digits", penalty=PENALTIES["r2"], **IMAGES),
    ],
)
def test_one_key_is_one_array_and_no_name_stands_twice_in_a_stage(training):
    values = {}
    for stage in record(training):
        assert len({a.name for a in stage.arrays}) == len(stage.arrays)
        for array in stage.arrays:
            assert np.array_equal(values.setdefault(array.key, array.value), array.value)


BATCH_NORM = [Dense(1, 3), BatchNorm(3), LeakyReLU(), Dense(3, 1)]


def test_an_array_has_its_key_wherever_it_stands(stages):
    first = next(s for s in stages if "G[1] Tanh forward" in s.title).arrays[-1]
    back = [a for s in stages for a in s.arrays if a.key == first.key]
    # out of G[1] and into G[2]: in D's step nothing goes back through G
    assert [a.name for a in back] == ["y", "x"]
    apart = record(tiny(D=BATCH_NORM))
    first = next(s for s in apart if "D[0] Dense forward" in s.title).arrays[-1]
    back = [a for s in apart for a in s.arrays if a.key == first.key]
    # out of D[0], into D[1], and again on the way back
    assert [a.name for a in back] == ["y", "x", "x"]


def test_data_and_samples_are_shown_apart_where_they_pass_apart(stages):
    """One way back of 2m rows, or with batch norm one for each, whose sum is E31."""

    def ways(stages):
        found = (s.heading for s in stages if s.heading.startswith("Back through D, on"))
        return [*dict.fromkeys(heading.removeprefix("Back through D, on ") for heading in found)]

    apart = record(tiny(D=BATCH_NORM))
    agrees(apart)
    assert ways(stages) == ["the data and the samples"]
    assert ways(apart) == ["the data", "the samples"]
    whole, *via = (
        named(apart, "the gradient, one", name) for name in ("∇Ṽ", "∇Ṽ via x", "∇Ṽ via G(z)")
    )
    assert np.array_equal(whole, via[0] + via[1])


def test_what_is_not_needed_is_not_computed_and_not_shown(stages):
    on_data = next(
        s for s in stages if s.name.startswith("D[0] Dense backward, Back through D, on the data")
    )
    to_input = next(
        s for s in stages if s.name.startswith("D[2] Dense backward, Back through D, to its input")
    )
    assert "dx" not in {a.name for a in on_data.arrays} and "No dx" in " ".join(on_data.says)
    assert {a.name for a in to_input.arrays} == {"dy", "W", "dx"}


@dataclass(frozen=True)
class Halved(LeakyReLU):
    """A mistake: the slope on the left is a/2."""

    def backward(self, P, cache, dy):
        return np.where(cache < 1, cache / 2, cache) * dy


@dataclass(frozen=True)
class Straight(Tanh):
    """A mistake in the R-pass alone: φ'' is forgotten."""

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        return self.dphi(cache) * Rdy


class Unbiased(Adam):
    """A mistake: no correction of the bias."""

    def direction(self, g, m, v):
        super().direction(g, m, v)
        return (1 - self.beta1) * m / (((1 - self.beta2) * v) ** 0.5 + self.epsilon)


def test_a_wrong_backward_is_seen_at_its_layer_first():
    stages = record(tiny(D=[Dense(1, 3), Halved(), Dense(3, 1)]))
    wrong = [s for s in stages if not s.ok]
    assert wrong[0].name.startswith("D[1] Halved backward, Back through D, on the data")
    assert wrong[0].lines[0].source.file.endswith("test_trace.py") and not wrong[0].lines[0].label
    told = " ".join(ending(stages))
    assert "✗" in told and "D[1] Halved backward" in told


def test_a_wrong_r_pass_is_seen_in_the_penalty_first():
    stages = record(tiny(D=[Dense(1, 3), Straight(), Dense(3, 1)], penalty=PENALTIES["r1"]))
    wrong = [s for s in stages if not s.ok]
    assert [s.title.partition(":")[0] for s in wrong] == [
        "R-pass back",
        "the gradient, one flat vector",
    ]
    assert {c.name for c in wrong[0].checks if not c.ok} == {"R{dW} of D[0]", "R{db} of D[0]"}


def test_a_wrong_optimizer_is_seen_at_its_step():
    training = replace(tiny(), optimizer_d=Unbiased(0.01))
    wrong = [s for s in record(training) if not s.ok]
    assert [s.title for s in wrong] == ["the step of θ_d, by Unbiased"]
    assert [c.name for c in wrong[0].checks if not c.ok] == ["new θ_d"]
