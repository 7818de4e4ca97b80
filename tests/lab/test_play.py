"""A session against a bare Training: any order of commands gives the bits of the same steps taken
by hand, whatever was looked at in between."""

import contextlib
import io
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.cli import main
from numgan.data import dataset
from numgan.data.dataset import from_rows
from numgan.dynamics.play import GAME_RULES, RuleTraining
from numgan.errors import InputError
from numgan.game import Game
from numgan.lab.history import History
from numgan.lab.observe import Observer, View, frames
from numgan.lab.play import Play
from numgan.lab.protocol import checked
from numgan.lab.session import Session
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS, constant
from numgan.penalties import PENALTIES
from numgan.run.begin import start
from numgan.run.build import build
from numgan.run.loop import proceed, resume
from numgan.training import Training

TINY = {"hidden": (4,), "batch": 8, "lr_d": 0.01, "lr_g": 0.01}
POINTS = np.random.default_rng(1).normal(size=(11, 2)).round(3).tolist()
GAMES = {"gaussian": {"dataset": "gaussian", **TINY}, "drawn": {"points": POINTS, **TINY}}


def session(name="gaussian", **more):
    return Session(**{**GAMES[name], **more})


def do(lab, command, /, **fields):
    return lab.do(checked({"do": command, **fields}))


# ── by hand ───────────────────────────────────────────────────────────────────────────────────────


def bare(name, done):
    """The training of a game, and what was done, without the lab: only what its words mean."""
    lab = session(name)  # for the configuration alone
    config = lab.play.config
    data = dataset("gaussian") if name == "gaussian" else from_rows(np.array(POINTS), "float32")
    t, k_g = build(config, data, data), 1
    chosen = {"beta1": config.beta1, "optimizer": config.optimizer, "lr_d": 0.01, "lr_g": 0.01}
    for what, argument in done:
        if what == "iterate":
            for _ in range(t.k):
                t.discriminator_step()
            for _ in range(k_g):
                t.generator_step()
            t.iterations += 1
        elif what == "step":
            t.discriminator_step() if argument == "d" else t.generator_step()
        else:
            other = argument.get("optimizer", chosen["optimizer"]) != chosen["optimizer"]
            chosen |= {k: v for k, v in argument.items() if k in chosen}
            for player in ("d", "g"):
                old = getattr(t, f"optimizer_{player}")
                options = {
                    "adam": {"beta1": chosen["beta1"]},
                    "momentum": {"beta": chosen["beta1"]},
                }
                made = OPTIMIZERS[chosen["optimizer"]](
                    constant(chosen[f"lr_{player}"]), **options.get(chosen["optimizer"], {})
                )
                if not other:
                    made.follow(old)
                setattr(t, f"optimizer_{player}", made)
            t.k, t.m, k_g = (
                argument.get("k", t.k),
                argument.get("batch", t.m),
                argument.get("k_g", k_g),
            )
            goal, price = t.game.objective, t.game.penalty
            if "objective" in argument:
                goal = OBJECTIVES[argument["objective"]]
            if "penalty" in argument:
                price = argument["penalty"] and PENALTIES[argument["penalty"]]
            t.game = Game(t.game.G, t.game.D, goal, price)
    return t


def same(one, other):
    """Equal bits of all that Algorithm 1 changes."""
    for name in ("theta_d", "theta_g", "theta_bar"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.rng.bit_generator.state == other.rng.bit_generator.state
    assert one.iterations == other.iterations
    for player in ("optimizer_d", "optimizer_g"):
        a, b = getattr(one, player), getattr(other, player)
        assert a.t == b.t and a.state.keys() == b.state.keys()
        assert all(np.array_equal(a.state[k], b.state[k]) for k in a.state)


SETTINGS = st.one_of(
    st.fixed_dictionaries({"k": st.integers(1, 3)}),
    st.fixed_dictionaries({"k_g": st.integers(1, 2)}),
    st.fixed_dictionaries({"lr_d": st.sampled_from([0.0, 0.003]), "lr_g": st.just(0.002)}),
    st.fixed_dictionaries({"optimizer": st.sampled_from(["sgd", "adam", "momentum"])}),
    st.fixed_dictionaries({"beta1": st.sampled_from([0.0, 0.9])}),
    st.fixed_dictionaries({"batch": st.integers(1, 11)}),
    st.fixed_dictionaries({"objective": st.sampled_from(["minimax", "hinge", "relativistic"])}),
    st.fixed_dictionaries({"penalty": st.sampled_from(["r1", "wgan-gp", None])}),
)
COMMANDS = st.one_of(
    st.tuples(st.just("iterate"), st.integers(1, 12)),
    st.tuples(st.just("step"), st.sampled_from("dg")),
    st.tuples(st.just("set"), SETTINGS),
    st.tuples(st.just("stage"), st.tuples(st.sampled_from("dg"), st.integers(1, 5))),
    st.tuples(st.just("look"), st.sampled_from(["D", "best", "difference"])),
    st.tuples(st.just("back"), st.integers(0, 30)),
)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(GAMES)), st.lists(COMMANDS, max_size=9))
def test_any_order_of_commands_is_that_of_a_bare_training(name, asked):
    lab, done = session(name), []
    for what, argument in asked:
        if what == "iterate":
            do(lab, "step", player="both", times=argument)
            done += [("iterate", None)] * argument
        elif what == "step":
            do(lab, "step", player=argument)
            done.append(("step", argument))
        elif what == "set":
            do(lab, "set", settings=argument)
            done.append(("set", argument))
        elif what == "stage":
            player, times = argument
            stages = [do(lab, "stage", player=player)[0]["stage"] for _ in range(times)]
            done += [("step", player)] * stages.count("update")
            lab.slow = None
        elif what == "look":
            do(
                lab,
                "watch",
                show=["data", "samples", "arrows", "field", "manifold"],
                field=argument,
            )
            frames(lab.observer, [View.of(lab.play)], lab.show, lab.field, 50)
            do(lab, "pick", sample=3)
            lab.meter.measure(View.of(lab.play))
        else:
            reached = sum(what == "iterate" for what, _ in done)
            t = min(argument, reached)
            do(lab, "back", iteration=t)
            ends = [n + 1 for n, (what, _) in enumerate(done) if what == "iterate"]
            done = done[: ends[t - 1] if t else 0]
    same(lab.play.training, bare(name, done))


def test_E57_a_rule_that_is_chosen_live_is_the_rules_own_training():
    """Algorithm 1, optimistic Adam, and Algorithm 1 again; the wheel of time goes through both."""
    lab, t = session(), bare("gaussian", [("iterate", None)] * 5)
    do(lab, "set", settings={"k": 3})
    do(lab, "set", settings={"rule": "optimistic"})
    assert (lab.play.settings["k"], lab.play.settings["strength"]) == (1, None)
    do(lab, "back", iteration=0)
    do(lab, "step", player="both", times=5)
    do(lab, "set", settings={"rule": "optimistic"})
    do(lab, "step", player="both", times=6)
    same_fields = {field.name: getattr(t, field.name) for field in fields(Training)}
    by_rule = RuleTraining(**same_fields, rule=GAME_RULES["optimistic"])
    for _ in range(6):
        by_rule.iteration()
    same(lab.play.training, by_rule)
    do(lab, "back", iteration=8)
    do(lab, "step", player="both", times=3)
    same(lab.play.training, by_rule)
    assert np.array_equal(lab.play.training.memory["before"], by_rule.memory["before"])
    do(lab, "set", settings={"rule": "alternating"})
    do(lab, "step", player="both", times=2)
    again = Training(**{field.name: getattr(by_rule, field.name) for field in fields(Training)})
    for _ in range(2):
        again.iteration()
    same(lab.play.training, again)


def test_a_rule_moves_both_players_once_and_other_choices_say_so(tmp_path):
    lab = session(folder=tmp_path)
    do(lab, "set", settings={"k_g": 2})
    do(lab, "step", player="both", times=2)
    do(lab, "set", settings={"rule": "competitive"})
    now = lab.play.settings
    assert (now["k"], now["k_g"], now["optimizer"], now["strength"]) == (1, 1, "sgd", None)
    for choice, says in (
        ({"k": 2}, "moves both players at once"),
        ({"k_g": 2}, "steps of G must be 1, got 2"),
        ({"optimizer": "adam"}, "solves for a plain step"),
        ({"strength": 0.1}, "has no --strength"),
    ):
        with pytest.raises(InputError, match=says):
            do(lab, "set", settings=choice)
        assert lab.play.settings == now
    do(lab, "step", player="both")
    with pytest.raises(InputError, match="set the rule to alternating"):
        do(lab, "trace")
    do(lab, "set", settings={"rule": "lookahead"})
    with pytest.raises(InputError, match="play one iteration, then save"):
        do(lab, "save", name="soon")


# ── the wheel of time ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", GAMES)
def test_back_and_on_gives_equal_bits(name):
    lab = session(name)
    do(lab, "step", player="both", times=20)
    do(lab, "set", settings={"optimizer": "momentum", "k": 2})
    for _ in range(15):
        do(lab, "step", player="both", times=20)
    end = lab.play.state()
    for t in (0, 5, 20, 167, 320):
        do(lab, "back", iteration=t)
        assert lab.play.iterations == t
        assert lab.history.last == 320  # what lies ahead can be reached again
    same_state(lab.play.state(), end)
    do(lab, "back", iteration=300)
    do(lab, "step", player="both", times=20)
    same_state(lab.play.state(), end)


def same_state(one, other):
    assert one["about"] == other["about"] and one["config"] == other["config"]
    assert all(np.array_equal(one["arrays"][k], other["arrays"][k]) for k in other["arrays"])
    assert np.array_equal(one["rows"], other["rows"], equal_nan=True)
    assert one["told"] == other["told"]


def test_another_future_replaces_the_one_that_lay_ahead():
    history = History(Play(**GAMES["gaussian"]))
    history.do("iterate", times=100)
    history.back(30)
    history.do("set", {"k": 2})
    history.do("iterate", times=5)
    assert history.last == 35 and max(history.kept) <= 35
    assert history.log == [["iterate", None, 30], ["set", {"k": 2}, 1], ["iterate", None, 5]]
    with pytest.raises(InputError, match="iteration 36 was never reached: expected 0 to 35"):
        history.back(36)


def test_snapshots_stay_few():
    history = History(Play("gaussian", **{**TINY, "hidden": (2,), "batch": 2}))
    history.do("iterate", times=1500)
    assert len(history.snapshots) <= 64 and history.kept[0] == 0
    assert np.diff(history.kept).max() <= 2 * history.spacing


# ── files and text ────────────────────────────────────────────────────────────────────────────────


def resumed(folder, steps):
    """The training in a folder, after it went on to its end as `numgan train --resume` does."""
    run = resume(folder)
    assert proceed(run) and run.training.iterations == steps
    return run.training


@pytest.mark.parametrize(
    "name, changes",
    [
        ("gaussian", []),
        ("drawn", []),
        (
            "gaussian",
            [("set", {"k": 3, "lr_g": 0.004}), ("step", "d"), ("set", {"optimizer": "sgd"})],
        ),
        ("drawn", [("set", {"penalty": "r1", "weight": 0.2}), ("set", {"optimizer": "rmsprop"})]),
        ("drawn", [("set", {"objective": "paired", "penalty": "r1,r2", "weight": [0.1, 0.2]})]),
        ("drawn", [("set", {"rule": "lookahead", "strength": 0.3}), ("step", "g")]),
        ("gaussian", [("set", {"rule": "extragradient"})]),
    ],
)
def test_a_saved_run_goes_on_with_equal_bits(tmp_path, name, changes):
    """From 30 to 50 iterations; the lab goes on too."""
    lab = session(name, folder=tmp_path)
    lab.play.run.config = replace(lab.play.config, steps=50)
    do(lab, "step", player="both", times=20)
    for what, argument in changes:
        do(lab, what, **({"settings": argument} if what == "set" else {"player": argument}))
    do(lab, "step", player="both", times=10)
    saved = do(lab, "save", name="mine")[0]
    assert saved["folder"] == str(tmp_path / "mine")
    do(lab, "step", player="both", times=20)
    same(resumed(tmp_path / "mine", 50), lab.play.training)
    with pytest.raises(InputError, match="holds another run"):
        do(lab, "save", name="mine")


def test_E54_of_few_rows_every_sample_has_a_datum_beside_it():
    """Eleven drawn points, a hundred samples."""
    play = Play(points=POINTS, objective="paired", **TINY)
    play.iterate(2)
    observer = Observer(play)
    shown = observer.frame(View.of(play), {"samples", "arrows"}, "D", 100)
    assert shown["arrows"]["shape"] == [100, 2]
    assert np.array_equal(observer.beside(22), np.tile(observer.beside(11), (2, 1)))


def test_the_command_line_goes_on_with_a_saved_run(tmp_path, capsys):
    lab = session(folder=tmp_path)
    lab.play.run.config = replace(lab.play.config, steps=12)
    do(lab, "step", player="d")
    do(lab, "step", player="both", times=4)
    do(lab, "set", settings={"k": 2, "objective": "hinge"})
    do(lab, "step", player="both", times=4)
    command = do(lab, "save", name="mine")[0]["command"]
    assert main([*command.split()[1:], "--quiet"]) == 0
    do(lab, "step", player="both", times=4)
    same(resume(tmp_path / "mine").training, lab.play.training)


def test_an_untouched_run_is_that_of_numgan_train(tmp_path):
    """The same folder, but for the metric, which the lab does not measure there."""
    lab = session(folder=tmp_path)
    lab.play.run.config = replace(lab.play.config, steps=40)
    for _ in range(2):
        do(lab, "step", player="both", times=20)
    do(lab, "save", name="lab")
    config = lab.play.config
    assert proceed(start(config, tmp_path / "train"))
    one, two = resume(tmp_path / "lab"), resume(tmp_path / "train")
    same(one.training, two.training)
    assert np.array_equal(np.array(one.rows)[:, :-1], np.array(two.rows)[:, :-1])


def test_a_run_longer_than_its_preset_can_be_resumed(tmp_path):
    lab = session(folder=tmp_path)
    lab.play.run.config = replace(lab.play.config, steps=15)
    for _ in range(4):
        do(lab, "step", player="both", times=10)
    assert lab.play.config.steps == 60
    do(lab, "save", name="long")
    do(lab, "step", player="both", times=20)
    same(resumed(tmp_path / "long", 60), lab.play.training)


def test_what_numgan_train_has_not_is_not_saved(tmp_path):
    lab = session(folder=tmp_path)
    with pytest.raises(InputError, match="before the first iteration"):
        do(lab, "save", name="none")
    do(lab, "set", settings={"k_g": 2})
    do(lab, "step", player="both")
    with pytest.raises(InputError, match="one step of G an iteration"):
        do(lab, "save", name="two")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", GAMES)
def test_script_and_link_give_the_same_bits(name):
    lab = session(name)
    do(lab, "step", player="both", times=20)
    do(lab, "set", settings={"k": 2, "penalty": "r1"})
    do(lab, "step", player="g", times=3)
    do(lab, "step", player="both", times=20)
    text, link = do(lab, "script")[0]["text"], do(lab, "link")[0]["link"]
    found = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(text, found)
    same(found["play"].training, lab.play.training)
    assert printed.getvalue().startswith("40 {'V': ")
    other = Session("ring")
    do(other, "open", link=link)
    while other.busy:
        other.advance(1)
    same(other.play.training, lab.play.training)
    assert other.play.settings == lab.play.settings


@pytest.mark.parametrize("link", ["", "x", "é", "eJw", "AAAA" * 1000, "eJyLjgUAARUAuQ"])
def test_a_link_that_is_none_changes_nothing(link):
    lab = session()
    before = lab.play
    with pytest.raises(InputError):
        do(lab, "open", link=link)
    assert lab.play is before


# ── two games, slow motion, divergence ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", GAMES)
def test_two_games_have_the_same_noise(name):
    """With the same settings they are one game; the first one is not touched by the second."""
    lab, alone = session(name), session(name)
    for each in (lab, alone):
        do(each, "step", player="both", times=7)
    do(lab, "two", change={"lr_g": 0.01})
    for each in (lab, alone):
        do(each, "step", player="both", times=9)
    same(lab.play.training, alone.play.training)
    same(lab.other.training, alone.play.training)
    do(lab, "two", change={"k": 3})
    do(lab, "set", settings={"lr_d": 0.02})
    assert lab.other.settings == {**lab.play.settings, "k": 3}
    for each in (lab, alone):
        do(each, "set", settings={"lr_d": 0.02})
        do(each, "step", player="both", times=9)
    same(lab.play.training, alone.play.training)
    assert not np.array_equal(lab.other.training.theta_d, lab.play.training.theta_d)


@pytest.mark.parametrize("objective", ["minimax", "relativistic"])
def test_slow_motion_shows_the_step_that_is_taken(objective):
    from numgan.lab.protocol import numbers

    lab = session("drawn")
    do(lab, "set", settings={"objective": objective})
    do(lab, "step", player="both", times=5)
    for player, n in (("d", 0), ("g", 1)):
        before = lab.play.training.theta_d.copy()
        stages = [do(lab, "stage", player=player)[0] for _ in range(3)]
        assert np.array_equal(before, lab.play.training.theta_d)
        last = do(lab, "stage", player=player)[0]
        assert [s["stage"] for s in [*stages, last]] == ["forward", "logit", "back", "update"]
        taken = lab.play.last[n]
        assert np.array_equal(numbers(last["a_fake"]), taken.a_fake[:, 0])
        assert last["norm"] == pytest.approx(
            np.linalg.norm(taken.dtheta_d if n == 0 else taken.dtheta_g)
        )
        assert all(s["source"]["code"] for s in stages)


def test_divergence_says_who_and_keeps_the_last_good_state():
    lab = session(optimizer="sgd")
    do(lab, "step", player="both", times=20)
    do(lab, "set", settings={"objective": "leastsquares", "lr_d": 50.0})
    done = 0
    while lab.lost is None and done < 20:
        before = lab.play.state()
        do(lab, "step", player="d")
        done += 1
    assert lab.lost["player"] == "d" and lab.lost["iteration"] == 20
    assert "not finite after step" in lab.lost["text"] and not lab.playing
    same_state(lab.play.state(), before)
    do(lab, "back", iteration=lab.lost["back"])
    assert lab.lost is None


def test_a_trace_is_of_the_iteration_that_was_shown():
    """The same x and z as in float32: so the step of D is the same to its precision."""
    from numgan.lab.steptrace import in_float64, page

    lab = session("drawn")
    do(lab, "step", player="both", times=12)
    answer = do(lab, "trace")[0]
    assert answer["iteration"] == 12 and "Here the iteration 12 of the lab" in answer["html"]
    assert "✗ differs" not in answer["html"]
    before = lab.history.before(12)
    t = in_float64(before.training)
    t.iteration()
    # ε of float32 through some tens of sums, on θ of size 1
    assert np.allclose(t.theta_d, lab.play.training.theta_d, rtol=0, atol=1e-5)
    assert np.allclose(t.theta_g, lab.play.training.theta_g, rtol=0, atol=1e-5)
    assert page(before).startswith("<!DOCTYPE html>")
