"""Algorithm 1 (E31, E32): who moves when, on what, and by how much."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from numgan import Adam, Dense, Game, LeakyReLU, Network, Optimizer, Tanh, Training
from numgan.data import Shuffled
from numgan.errors import InputError
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES


class Plane:
    """Standard normal data in the plane, and a note of every batch that was asked for."""

    def __init__(self):
        self.given = []

    def batch(self, m, rng):
        self.given.append(rng.standard_normal((m, 2), dtype=np.float32))
        return self.given[-1]


def training(objective="minimax", k=1, optimizer=Optimizer, m=16, average=0.0):
    rng = np.random.default_rng(3)
    G = Network([Dense(2, 8), Tanh(), Dense(8, 2)], (2,))
    D = Network([Dense(2, 8), LeakyReLU(), Dense(8, 1)], (2,))
    return Training(
        Game(G, D, OBJECTIVES[objective]),
        Plane(),
        rng,
        D.initial(rng),
        G.initial(rng),
        optimizer(0.05),
        optimizer(0.05),
        m=m,
        k=k,
        average=average,
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_discriminators_step_changes_nothing_of_the_generator(objective):
    t = training(objective, optimizer=Adam)
    theta_g, theta_bar, theta_d = t.theta_g.copy(), t.theta_bar.copy(), t.theta_d.copy()
    t.discriminator_step()
    assert t.theta_g.tobytes() == theta_g.tobytes() and t.theta_bar.tobytes() == theta_bar.tobytes()
    assert not t.optimizer_g.state
    assert not np.array_equal(t.theta_d, theta_d)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_generators_step_changes_nothing_of_the_discriminator(objective):
    t = training(objective, optimizer=Adam)
    theta_d, theta_g = t.theta_d.copy(), t.theta_g.copy()
    t.generator_step()
    assert t.theta_d.tobytes() == theta_d.tobytes() and not t.optimizer_d.state
    assert not np.array_equal(t.theta_g, theta_g)


def test_one_iteration_is_k_ascents_on_fresh_batches_and_one_descent():
    """E31 and E32 written out with the game's own gradients; plain steps,
    so the bits must agree."""
    t, k, eta = training(k=3), 3, 0.05
    twin = training(k=3)
    theta_d, theta_g = twin.theta_d, twin.theta_g
    for _ in range(k):
        x, z = twin.data.batch(16, twin.rng), twin.latents(16)
        theta_d += eta * twin.game.discriminator_step(theta_d, theta_g, x, z).dtheta_d
    theta_g -= eta * twin.game.generator_step(theta_d, theta_g, twin.latents(16)).dtheta_g

    t.iteration()
    assert t.theta_d.tobytes() == theta_d.tobytes() and t.theta_g.tobytes() == theta_g.tobytes()
    assert len(t.data.given) == k
    assert not np.array_equal(t.data.given[0], t.data.given[1])


def test_small_steps_go_the_right_way():
    """D's step raises Ṽ and G's step lowers Ṽ_g on the batch that they were computed on, for η
    small enough.
    """
    t = training()
    x, z = t.data.batch(64, t.rng), t.latents(64)
    game = t.game
    before = game.value(t.theta_d, t.theta_g, x, z)
    up = t.theta_d + np.float32(1e-2) * game.discriminator_step(t.theta_d, t.theta_g, x, z).dtheta_d
    assert game.value(up, t.theta_g, x, z) > before
    before = game.generator_value(t.theta_d, t.theta_g, z)
    down = t.theta_g - np.float32(1e-2) * game.generator_step(t.theta_d, t.theta_g, z).dtheta_g
    assert game.generator_value(t.theta_d, down, z) < before


def test_the_moving_average_is_the_geometric_sum_of_the_generators():
    """θ̄_n = βⁿ θ_0 + (1−β) Σ_i β^{n−i} θ_i; float32 sums of eight terms agree to about
    8·2⁻²⁴ ≈ 5e−7 of their size.
    """
    t, beta = training(average=0.7), 0.7
    history = [t.theta_g.copy()]
    for _ in range(8):
        t.iteration()
        history.append(t.theta_g.copy())
    expected = beta**8 * history[0] + (1 - beta) * sum(
        beta ** (8 - i) * history[i] for i in range(1, 9)
    )
    np.testing.assert_allclose(t.theta_bar, expected, rtol=0, atol=5e-7 * np.abs(expected).max())


def test_same_seed_same_bits():
    a, b = training(optimizer=Adam), training(optimizer=Adam)
    for _ in range(5):
        a.iteration()
        b.iteration()
    assert a.theta_d.tobytes() == b.theta_d.tobytes() and a.theta_g.tobytes() == b.theta_g.tobytes()


@pytest.mark.parametrize("m", [1, 2, 7])
def test_any_batch_size(m):
    t = training(m=m)
    discriminator, generator = t.iteration()
    assert discriminator.a_real.shape == generator.a_fake.shape == (m, 1)
    assert np.isfinite(t.theta_d).all() and np.isfinite(t.theta_g).all()


def test_what_a_game_cannot_do_without_is_asked_for():
    G, D = Network([Dense(2, 3)], (2,)), Network([Dense(3, 1)], (3,))
    rng = np.random.default_rng(0)
    game, z = Game(G, D, OBJECTIVES["relativistic"]), rng.standard_normal((4, 2))
    with pytest.raises(InputError, match="compares samples with data: pass x"):
        game.generator_step(D.initial(rng), G.initial(rng), z)
    with pytest.raises(
        InputError,
        match=r"expected an objective such as OBJECTIVES\['minimax'\], "
        r"got 'minimax'",
    ):
        Game(G, D, "minimax")
    with pytest.raises(InputError, match="k must be a whole number of at least 1, got 0"):
        Training(
            game, None, rng, D.initial(rng), G.initial(rng), Optimizer(0.1), Optimizer(0.1), k=0
        )


# ── arguments
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def arguments(**changes):
    """Those of a training in the plane, G and D of equal size, with some changed."""
    rng = np.random.default_rng(3)
    G, D = (
        Network([Dense(2, 3), Tanh(), Dense(3, 1)], (2,)),
        Network([Dense(1, 4), Tanh(), Dense(4, 1)], (1,)),
    )
    assert G.size == D.size == 13
    game = Game(G, D, OBJECTIVES["minimax"])
    given = {
        "game": game,
        "data": Shuffled(np.zeros((8, 1))),
        "rng": rng,
        "theta_d": D.initial(rng),
        "theta_g": G.initial(rng),
        "optimizer_d": Adam(0.1),
        "optimizer_g": Adam(0.1),
        "m": 4,
    }
    return given | changes


ADAM, THETA = Adam(0.1), np.zeros(13, "float32")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"optimizer_d": ADAM, "optimizer_g": ADAM},
            "an optimizer belongs to one θ: give each player one of its own",
        ),
        (
            {"optimizer_d": Adam},
            r"optimizer_d must be an optimizer such as Adam\(1e-3\), got the class "
            r"Adam",
        ),
        ({"optimizer_g": None}, "optimizer_g must be .* got None"),
        ({"optimizer_g": 0.1}, "optimizer_g must be .* got a float"),
        ({"clip": -1}, "clip must be a number of at least 0, got -1"),
        ({"clip": np.nan}, "clip must be a number of at least 0, got nan"),
        ({"clip": "0.1"}, "clip must be"),
        ({"average": -1}, "average must be a number of at least 0 and below 1, got -1"),
        ({"average": 1}, "average must be .* got 1"),
        ({"average": 2.0}, "average must be"),
        ({"average": np.nan}, "average must be .* got nan"),
        ({"average": None}, "average must be .* got None"),
        ({"rng": None}, r"rng must be a generator such as numpy.random.default_rng\(0\), got None"),
        ({"rng": np.random.RandomState(0)}, "rng must be a generator .* got a RandomState"),
        ({"rng": np.random}, "rng must be a generator .* got a module"),
        ({"rng": 0}, "rng must be a generator"),
        (
            {"theta_d": [0.0] * 13},
            r"theta_d must be an array of floats, of shape \(13,\), got a list",
        ),
        ({"theta_g": np.zeros(12)}, r"theta_g must be .* got float64 of shape \(12,\)"),
        ({"theta_g": np.zeros(13, int)}, "theta_g must be .* got int64"),
        ({"theta_g": None}, "theta_g must be .* got None"),
        ({"theta_bar": [0.0] * 13}, "theta_bar must be"),
        ({"theta_g": THETA, "theta_bar": THETA}, "theta_bar is theta_g itself"),
        (
            {"data": [[0.0]]},
            r"data must be a source such as Fresh\(density\) or Shuffled\(rows\), got "
            r"a list",
        ),
        ({"data": None}, "data must be a source"),
        ({"data": Shuffled}, "data must be .* got the class Shuffled"),
        ({"game": None}, r"game must be a Game\(G, D, objective\), got None"),
        ({"classes": [[1, 0]]}, "classes must be one-hot rows"),
        ({"k": 0}, "k must be"),
        ({"m": 1.5}, "m must be"),
        ({"every": True}, "every must be"),
    ],
    ids=lambda part: "-".join(part) if isinstance(part, dict) else part,
)
def test_arguments_that_do_not_fit_are_refused_in_one_line(changes, says):
    with pytest.raises(InputError, match=says) as raised:
        Training(**arguments(**changes))
    assert "\n" not in str(raised.value)


def test_an_optimizer_belongs_to_one_theta():
    """To go on with the same θ, with other choices or a state put back, is no mistake; to move
    another θ with what was learnt from one is. What was refused belongs to nobody."""
    given = arguments()
    one = Training(**given)
    one.iteration()
    assert replace(one, m=2).optimizer_d is one.optimizer_d
    for player in ("d", "g"):
        with pytest.raises(
            InputError, match="an optimizer belongs to one θ: this Adam has another, make a new one"
        ):
            Training(**arguments(**{f"optimizer_{player}": given[f"optimizer_{player}"]}))
    with pytest.raises(InputError, match="has another"):
        replace(one, theta_g=one.theta_g.copy())
    other = deepcopy(one)
    assert other.optimizer_d.theta is other.theta_d
    other.iteration()

    fresh = Adam(0.1)
    fresh.state, fresh.t = (
        {name: array.copy() for name, array in one.optimizer_d.state.items()},
        one.optimizer_d.t,
    )
    with pytest.raises(InputError, match="clip"):
        Training(**arguments(optimizer_d=fresh, clip=-1))
    Training(**arguments(optimizer_d=fresh))
    short = Adam(0.1)
    short.state = {"m": np.zeros(5), "v": np.zeros(5)}
    with pytest.raises(
        InputError,
        match=r"m of this Adam is float64 of shape \(5,\): expected "
        r"\(13,\)",
    ):
        Training(**arguments(optimizer_d=short))


def test_lists_for_arrays_in_the_passes_of_a_network():
    G, rng = Network([Dense(2, 3)], (2,)), np.random.default_rng(0)
    theta = G.initial(rng)
    with pytest.raises(InputError, match=r"expected a batch \(N, 2\), got a list"):
        G.forward(theta, [[1.0, 2.0]])
    with pytest.raises(
        InputError,
        match=r"expected theta of shape \(9,\) for this network, got a "
        r"list",
    ):
        G.forward(list(theta), np.ones((1, 2)))
    for wrong in (None, np.random.RandomState(0), 5):
        with pytest.raises(InputError, match="rng must be a generator"):
            G.initial(wrong)


@pytest.mark.parametrize("weight", [-1, np.nan, np.inf, "1", None, True])
def test_a_penalty_has_a_weight(weight):
    with pytest.raises(InputError, match="weight must be a number of at least 0"):
        replace(PENALTIES["r1"], weight=weight)
    assert replace(PENALTIES["r1"], weight=np.float32(0.5)).weight == 0.5


def test_a_game_has_a_penalty_not_its_name():
    game = arguments()["game"]
    with pytest.raises(InputError, match=r"penalty such as PENALTIES\['r1'\], .* got 'r1'"):
        replace(game, penalty="r1")
