"""Section 7: the game as a vector field, its Jacobian, update rules."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, Given, a_function, between, normal


def dirac_field(psi, theta):
    """v = (∂V/∂ψ, −∂V/∂θ) of the Dirac-GAN (E39)."""
    s = 1 / (1 + np.exp(-psi * theta))  # V = log σ(0) + log σ(−ψθ)
    return -theta * s, psi * s  # E39: ψ ascends V, θ descends it


def dirac_jacobian(psi, theta):
    """∂v/∂(ψ, θ), whose eigenvalues tell who arrives (E38)."""
    s = 1 / (1 + np.exp(-psi * theta))
    ds = s * (1 - s)
    return np.array(
        [[-(theta**2) * ds, -s - psi * theta * ds], [s + psi * theta * ds, psi**2 * ds]]
    )  # E38


def largest_step(lam):
    """The h below which every |1 + hλ| < 1 (E38)."""
    return (-2 * lam.real / np.abs(lam) ** 2).min()  # E38


def extragradient(v, w, h):
    """w + h v(w + h v(w)), E57."""
    return w + h * v(w + h * v(w))  # E57


def optimistic(v, w, before, h):
    """w + 2h v(w) − h v(w before), E40."""
    return w + 2 * h * v(w) - h * v(before)  # E40, E57


def a_field(rng):
    """A smooth vector field of any number of variables."""
    phase = rng.uniform(0.5, 1.5)
    return lambda w: np.roll(w, 1) * phase - 0.3 * w + 0.2 * np.sin(w)


def of_s(rows):
    """A Jacobian from σ(ψθ), its slope, ψ and θ."""

    def wrong(psi, theta):
        s = 1 / (1 + np.exp(-psi * theta))
        return np.array(rows(s, s * (1 - s), psi, theta))

    return wrong


EIGENVALUES = Given(
    "K", lambda rng, shape: -rng.uniform(0.2, 1.0, shape) + 1j * rng.standard_normal(shape)
)
FIELD = a_function(a_field)

DYNAMICS = (
    Exercise(
        dirac_field,
        "warm-up",
        "E38 E39",
        (26,),
        ("logit_gradient",),
        {"psi": between(0.5, 1.5), "theta": between(-1.5, -0.5)},
        {"vpsi": "", "vtheta": ""},
        ("dynamics.dirac.minimax", "dynamics.dirac.dirac_field"),
        mistakes={
            "both_ascend": lambda psi, theta: {"vtheta": -psi * dirac_s(psi, theta)},
            "both_descend": lambda psi, theta: {"vpsi": theta * dirac_s(psi, theta)},
            "no_sigma": lambda psi, theta: (-theta, psi),
            "wrong_sigma": lambda psi, theta: (
                -theta * (1 - dirac_s(psi, theta)),
                psi * (1 - dirac_s(psi, theta)),
            ),
            "exchanged": lambda psi, theta: (
                -psi * dirac_s(psi, theta),
                theta * dirac_s(psi, theta),
            ),
            "at_0": lambda psi, theta: (-theta / 2, psi / 2),
            "slope": lambda psi, theta: (
                -theta * dirac_s(psi, theta) * (1 - dirac_s(psi, theta)),
                psi * dirac_s(psi, theta) * (1 - dirac_s(psi, theta)),
            ),
            "no_inner": lambda psi, theta: (-dirac_s(psi, theta), dirac_s(psi, theta)),
        },
    ),
    Exercise(
        dirac_jacobian,
        "core",
        "E38 E39",
        (26, 27),
        ("dirac_field",),
        {"psi": between(0.5, 1.5), "theta": between(-1.5, -0.5)},
        {"J": "2 2"},
        ("dynamics.dirac.dirac_jacobian", "dynamics.jacobian.dense"),
        mistakes={
            "hessian": of_s(
                lambda s, ds, psi, theta: [
                    [-(theta**2) * ds, -s - psi * theta * ds],
                    [-s - psi * theta * ds, -(psi**2) * ds],
                ]
            ),
            "at_0": lambda psi, theta: np.array([[0, -0.5], [0.5, 0]]),
            "no_product_rule": of_s(
                lambda s, ds, psi, theta: [[-(theta**2) * ds, -s], [s, psi**2 * ds]]
            ),
            "no_diagonal": of_s(
                lambda s, ds, psi, theta: [[0, -s - psi * theta * ds], [s + psi * theta * ds, 0]]
            ),
            "no_first": of_s(
                lambda s, ds, psi, theta: [
                    [-(theta**2) * ds, -psi * theta * ds],
                    [psi * theta * ds, psi**2 * ds],
                ]
            ),
            "no_inner": of_s(lambda s, ds, psi, theta: [[-theta * ds, -s], [s, psi * ds]]),
            "s_for_ds": of_s(
                lambda s, ds, psi, theta: [
                    [-(theta**2) * s, -s - psi * theta * s],
                    [s + psi * theta * s, psi**2 * s],
                ]
            ),
            "one_sign": of_s(
                lambda s, ds, psi, theta: [
                    [-(theta**2) * ds, -s - psi * theta * ds],
                    [s + psi * theta * ds, -(psi**2) * ds],
                ]
            ),
        },
    ),
    Exercise(
        largest_step,
        "core",
        "E38",
        (27,),
        ("dirac_jacobian",),
        {"lam": EIGENVALUES},
        {"h": ""},
        ("dynamics.spectrum.largest_step",),
        mistakes={
            "max": lambda lam: (-2 * lam.real / np.abs(lam) ** 2).max(),
            "one": lambda lam: (-lam.real / np.abs(lam) ** 2).min(),
            "not_squared": lambda lam: (-2 * lam.real / np.abs(lam)).min(),
            "descent": lambda lam: 2 / np.abs(lam).max(),
            "real_only": lambda lam: (-2 / lam.real).min(),
            "largest_modulus": lambda lam: (-2 * lam.real / np.abs(lam) ** 2)[np.abs(lam).argmax()],
            "imaginary": lambda lam: (-2 * lam.real / lam.imag**2).min(),
            "mean": lambda lam: (-2 * lam.real / np.abs(lam) ** 2).mean(),
            "first": lambda lam: (-2 * lam.real / np.abs(lam) ** 2)[0],
        },
    ),
    Exercise(
        extragradient,
        "core",
        "E40 E57",
        (26,),
        ("dirac_field",),
        {"v": FIELD, "w": normal("K"), "h": between(0.1, 0.4)},
        {"new": "K"},
        ("dynamics.rules.extragradient_step",),
        mistakes={
            "plain": lambda v, w, h: w + h * v(w),
            "two_steps": lambda v, w, h: w + h * v(w) + h * v(w + h * v(w)),
            "half_step": lambda v, w, h: w + h * v(w + h / 2 * v(w)),
            "heun": lambda v, w, h: w + h / 2 * (v(w) + v(w + h * v(w))),
            "descends": lambda v, w, h: w - h * v(w - h * v(w)),
            "backwards": lambda v, w, h: w + h * v(w - h * v(w)),
            "no_h_inside": lambda v, w, h: w + h * v(w + v(w)),
            "direction": lambda v, w, h: h * v(w + h * v(w)),
            "not_from_w": lambda v, w, h: w + h * v(h * v(w)),
        },
    ),
    Exercise(
        optimistic,
        "core",
        "E40 E57",
        (26,),
        ("extragradient",),
        {"v": FIELD, "w": normal("K"), "before": normal("K"), "h": between(0.1, 0.4)},
        {"new": "K"},
        ("dynamics.rules.optimistic_step", "dynamics.rules.past_step"),
        mistakes={
            "plain": lambda v, w, before, h: w + h * v(w),
            "one": lambda v, w, before, h: w + h * v(w) - h * v(before),
            "plus": lambda v, w, before, h: w + 2 * h * v(w) + h * v(before),
            "momentum": lambda v, w, before, h: w + h * v(w) + h * (w - before),
            "average": lambda v, w, before, h: w + h * (v(w) + v(before)) / 2,
            "no_h": lambda v, w, before, h: w + 2 * h * v(w) - v(before),
            "of_difference": lambda v, w, before, h: w + h * v(2 * w - before),
            "half": lambda v, w, before, h: w + 1.5 * h * v(w) - 0.5 * h * v(before),
            "descends": lambda v, w, before, h: w - 2 * h * v(w) + h * v(before),
        },
    ),
)


def dirac_s(psi, theta):
    """σ(−ψθ)."""
    return 1 / (1 + np.exp(-psi * theta))
