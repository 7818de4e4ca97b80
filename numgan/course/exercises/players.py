"""Section 6, both players: the chain rule through D into G, and one iteration of Algorithm 1."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, between, normal, sigma


def discriminator_gradient(U, u, x, x_fake):
    """∇Ṽ in D's weights, of data and samples (E31)."""

    def one(x, da):
        h = np.tanh(x @ U)
        return x.T @ (np.outer(da, u) * (1 - h**2)), h.T @ da

    a, a_fake = np.tanh(x @ U) @ u, np.tanh(x_fake @ U) @ u
    dU, du = one(x, (1 - sigma(a)) / len(a))  # E33 of the data
    dU_fake, du_fake = one(x_fake, -sigma(a_fake) / len(a_fake))  # and of the samples
    return dU + dU_fake, du + du_fake  # E31


def generator_gradient(W, b, U, u, z):
    """∇Ṽ in G's weights, through D to its input (E35)."""
    x = z @ W + b
    h = np.tanh(x @ U)
    da = -sigma(h @ u) / len(z)  # E33, of log(1 − D)
    dx = (np.outer(da, u) * (1 - h**2)) @ U.T  # through D, to its input
    return z.T @ dx, dx.sum(0)  # E35


def one_iteration(psi, c, w, b, x, z_d, z_g, eta):
    """The parameters after a step of D and a step of G (E31, E32)."""
    x_fake = w * z_d + b
    da, da_fake = (1 - sigma(psi * x + c)) / len(x), -sigma(psi * x_fake + c) / len(z_d)
    dpsi, dc = (da * x).sum() + (da_fake * x_fake).sum(), da.sum() + da_fake.sum()
    psi, c = psi + eta * dpsi, c + eta * dc  # E31: D ascends
    dx = -sigma(psi * (w * z_g + b) + c) / len(z_g) * psi  # against the new D
    return psi, c, w - eta * (dx * z_g).sum(), b - eta * dx.sum()  # E32: G descends


def parts(U, u, x, da_of):
    """dU and du of one side, where da_of gives da."""
    h = np.tanh(x @ U)
    da = da_of(h @ u)
    return x.T @ (np.outer(da, u) * (1 - h**2)), h.T @ da


def sides(real, fake):
    """discriminator_gradient with other da."""

    def wrong(U, u, x, x_fake):
        dU, du = parts(U, u, x, real)
        dU_fake, du_fake = parts(U, u, x_fake, fake)
        return dU + dU_fake, du + du_fake

    return wrong


def of_real(a):
    """∂Ṽ/∂a at the data."""
    return (1 - sigma(a)) / len(a)


def of_fake(a):
    """∂Ṽ/∂a at the samples."""
    return -sigma(a) / len(a)


def into_G(da, slope=lambda h: 1 - h**2):
    """generator_gradient with another da(a), or another slope of tanh."""

    def wrong(W, b, U, u, z):
        h = np.tanh((z @ W + b) @ U)
        dx = (np.outer(da(h @ u), u) * slope(h)) @ U.T
        return z.T @ dx, dx.sum(0)

    return wrong


def iteration(sign_d=1, sign_g=-1, fresh=True, da=None, same_z=False, mean=True, back=True):
    """one_iteration with something else: signs, G against the old D, one z for both."""

    def wrong(psi, c, w, b, x, z_d, z_g, eta):
        old = psi, c
        x_fake = w * z_d + b
        n, k = (len(x), len(z_d)) if mean else (1, 1)
        d, d_fake = (1 - sigma(psi * x + c)) / n, -sigma(psi * x_fake + c) / k
        dpsi, dc = (d * x).sum() + (d_fake * x_fake).sum(), d.sum() + d_fake.sum()
        psi, c = psi + sign_d * eta * dpsi, c + sign_d * eta * dc
        new = psi, c
        psi, c = new if fresh else old
        z = z_d if same_z else z_g
        a = psi * (w * z + b) + c
        dx = (da(a) if da else -sigma(a)) / (len(z) if mean else 1) * (psi if back else 1)
        return *new, w + sign_g * eta * (dx * z).sum(), b + sign_g * eta * dx.sum()

    return wrong


PLAYERS = (
    Exercise(
        discriminator_gradient,
        "core",
        "E31 E33 L1",
        (11,),
        ("logit_gradient", "dense_backward", "tanh_backward"),
        {"U": normal("I O"), "u": normal("O"), "x": normal("m I"), "x_fake": normal("N I")},
        {"dU": "I O", "du": "O"},
        ("game.Game.discriminator_step",),
        mistakes={
            "only_real": lambda U, u, x, x_fake: parts(U, u, x, of_real),
            "only_fake": lambda U, u, x, x_fake: parts(U, u, x_fake, of_fake),
            "fake_as_real": sides(of_real, of_real),
            "no_m": sides(lambda a: 1 - sigma(a), lambda a: -sigma(a)),
            "minus_fake": sides(of_real, lambda a: -of_fake(a)),
            "labels": sides(of_fake, of_real),
            "at_D": sides(lambda a: 1 / sigma(a) / len(a), lambda a: -1 / (1 - sigma(a)) / len(a)),
            "no_tanh": lambda U, u, x, x_fake: {
                "dU": x.T @ np.outer(of_real(np.tanh(x @ U) @ u), u)
                + x_fake.T @ np.outer(of_fake(np.tanh(x_fake @ U) @ u), u)
            },
            "no_u": lambda U, u, x, x_fake: {
                "dU": parts(U, np.ones_like(u), x, lambda a: of_real(np.tanh(x @ U) @ u))[0]
                + parts(U, np.ones_like(u), x_fake, lambda a: of_fake(np.tanh(x_fake @ U) @ u))[0]
            },
            "before_tanh": lambda U, u, x, x_fake: {
                "du": (x @ U).T @ of_real(np.tanh(x @ U) @ u)
                + (x_fake @ U).T @ of_fake(np.tanh(x_fake @ U) @ u)
            },
        },
    ),
    Exercise(
        generator_gradient,
        "hard",
        "E35 E33 L1",
        (11,),
        ("discriminator_gradient",),
        {
            "W": normal("K I"),
            "b": normal("I"),
            "U": normal("I O"),
            "u": normal("O"),
            "z": normal("N K"),
        },
        {"dW": "K I", "db": "I"},
        ("game.Game.generator_step",),
        mistakes={
            "nonsaturating": into_G(lambda a: -(1 - sigma(a)) / len(a)),
            "as_real": into_G(of_real),
            "at_D": into_G(lambda a: -1 / (1 - sigma(a)) / len(a)),
            "no_m": into_G(lambda a: -sigma(a)),
            "no_da": into_G(lambda a: np.ones(len(a)) / len(a)),
            "no_tanh": into_G(of_fake, lambda h: np.ones_like(h)),
            "slope_of_sigma": into_G(lambda a: -sigma(a) * (1 - sigma(a)) / len(a)),
            "no_b": lambda W, b, U, u, z: generator_gradient(W, 0 * b, U, u, z),
        },
    ),
    Exercise(
        one_iteration,
        "hard",
        "E31 E32",
        (11,),
        ("generator_gradient",),
        {
            "psi": between(0.5, 1.5),
            "c": between(-0.5, 0.5),
            "w": between(0.5, 1.5),
            "b": between(-0.5, 0.5),
            "x": normal("m"),
            "z_d": normal("N"),
            "z_g": normal("K"),
            "eta": between(0.2, 0.4),
        },
        {"psi": "", "c": "", "w": "", "b": ""},
        ("training.Training.iteration", "game.Game.discriminator_step"),
        mistakes={
            "d_descends": iteration(sign_d=-1),
            "g_ascends": iteration(sign_g=1),
            "old_d": iteration(fresh=False),
            "nonsaturating": iteration(da=lambda a: -(1 - sigma(a))),
            "as_real": iteration(da=lambda a: 1 - sigma(a)),
            "same_z": iteration(same_z=True),
            "sums": iteration(mean=False),
            "stops_at_a": iteration(back=False),
        },
    ),
)
