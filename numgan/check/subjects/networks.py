"""A network is a layer, one map with the same six passes, and it is checked as one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.finding import Finding
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.calls import named_errors
from numgan.check.subjects.layers import layer_findings
from numgan.check.subjects.protocol import missing_passes, require_kind, require_layer
from numgan.check.subjects.rpasses import missing_r_passes
from numgan.check.subjects.trial import draw_trial
from numgan.errors import InputError
from numgan.network import Network


@dataclass(frozen=True)
class AsLayer:
    """A network whose parameters are those of its layers, named by layer: "W of layer 2 Dense"."""

    network: Network

    def parameters(self) -> dict[str, tuple[int, ...]]:
        return {name: shape for name, _, shape in places(self.network)}

    @property
    def couples(self) -> bool:
        return self.network.chain.couples

    @property
    def fixed(self) -> tuple[str, ...]:
        return tuple(
            name for name, place, _ in places(self.network) if self.network.fixed[place].all()
        )

    @property
    def random(self) -> bool:
        return self.network.chain.random

    def initial(self, rng):
        return self.split(self.network.initial(rng, "float64"))

    def output_shape(self, shape):
        return self.network.output_shape

    def forward(self, P, x, rng=None):
        return self.network.forward(self.join(P), x, rng)

    def backward(self, P, cache, dy):
        return self.network.backward(self.join(P), cache, dy)

    def gradient(self, P, cache, dy):
        return self.split(self.network.gradient(self.join(P), cache, dy))

    def rforward(self, P, cache, RP, Rx):
        return self.network.rforward(self.join(P), cache, self.join(RP), Rx)

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        return self.network.rbackward(self.join(P), cache, self.join(RP), Rcache, dy, Rdy)

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        return self.split(
            self.network.rgradient(self.join(P), cache, self.join(RP), Rcache, dy, Rdy)
        )

    @property
    def layers(self) -> tuple[Any, ...]:
        return self.network.layers

    def split(self, theta: Array) -> tuple[Array, ...]:
        """θ as the arrays that it holds."""
        return tuple(theta[place].reshape(shape) for _, place, shape in places(self.network))

    def join(self, P: tuple[Array, ...] | None) -> Any:
        """The arrays as one θ; None, for a θ that does not move, stays None."""
        return None if P is None else np.concatenate([p.ravel() for p in P] or [np.zeros(0)])


def check_network(
    network: Network, name: str = "network", *, batch: int = 5, seed: int = 0
) -> Report:
    """Everything about a network: its gradients by E47 to E50, its R-passes, its behavior.

    Raises InputError, with the name of the layer, if a layer does not have the form of one.

    >>> from numgan.architectures import mlp
    >>> check_network(mlp([2, 3, 1])).ok
    True
    """
    require_kind(network, Network, "a Network")
    well_formed(network, name, batch, seed)
    with named_errors(f"{name}, on a batch of {batch},"):
        return Report(network_findings(network, name, batch, seed))


def assert_network(
    network: Network, name: str = "network", *, batch: int = 5, seed: int = 0
) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the network passes
    check_network.

    >>> from numgan.architectures import mlp
    >>> assert_network(mlp([2, 3, 1]))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_network(network, name, batch=batch, seed=seed))


def network_findings(network: Network, name: str, batch: int = 5, seed: int = 0) -> list[Finding]:
    """What check_network reports."""
    return locate_layer(
        layer_findings(AsLayer(network), (batch, *network.input_shape), name, seed=seed), network
    )


def well_formed(network: Network, name: str, batch: int, seed: int) -> None:
    """Raise InputError, with the number and name of the layer, unless each pass returns arrays of
    the right form and shape. In θ, an array of the wrong shape would appear as an error of its
    neighbour.
    """
    for number, layer in enumerate(network.layers):
        which, shape = (
            f"layer {number} of {name}, {type(layer).__name__}",
            (batch, *network.shapes[number]),
        )
        with named_errors(f"{which}, with input of shape {shape}"):
            require_layer(layer, shape, which)
            # the layers before may return values that are not finite
            trial = draw_trial(layer, shape, seed, which, finite=False)
            if not missing_passes(layer):
                missing_r_passes(trial, which)
        right = {"dx": shape} | {
            "d" + parameter: p.shape for parameter, p in zip(trial.names, trial.P, strict=True)
        }
        shapes = {array: np.shape(value) for array, value in trial.gradients().items()}
        if list(shapes) != list(right):
            raise InputError(
                f"{which}: gradient gives {len(shapes) - 1} arrays for {len(right) - 1} parameters"
            )
        for array, expected_shape in right.items():
            if shapes[array] != expected_shape:
                raise InputError(
                    f"{which}: {array} has the shape {shapes[array]}, expected {expected_shape}"
                )


def places(network: Network, owner: str = "") -> list[tuple[str, slice, tuple[int, ...]]]:
    """Every parameter of a network: its name with the number and class of its layer, its place in
    θ, its shape.
    """
    return [
        (f"{name} of {owner}layer {number} {type(layer).__name__}", place, shape)
        for number, (layer, parameters) in enumerate(
            zip(network.layers, network.layout, strict=True)
        )
        for name, place, shape in parameters
    ]


def locate_layer(findings: list[Finding], network: Network) -> list[Finding]:
    """The findings; each failure of a parameter says where in the chain of layers the mistake must
    be.

    The gradient is computed from the last layer to the first. So a mistake in layer l affects the
    layers before it and none after it: it is in the last layer that is wrong, or in a backward pass
    between that layer and the first right one after it.
    """
    wrong = sorted(
        {number for f in findings if f.failed and (number := layer_number(f)) is not None}
    )
    right = {
        number for f in findings if not f.failed and (number := layer_number(f)) is not None
    } - set(wrong)
    if not wrong:
        return findings
    after = sorted(number for number in right if number > wrong[-1])
    if after:
        on_the_way = [
            f"layer {i} {type(network.layers[i]).__name__}"
            for i in range(wrong[-1] + 1, after[0] + 1)
        ]
        where = (
            f"layer {after[0]} and what follows it are right: the mistake is in layer "
            f"{wrong[-1]}, "
            f"or in the backward pass of {' or '.join(on_the_way)}"
        )
    else:
        first = (
            "it is wrong from the last layer on: look first at what goes in there, ∂V/∂a or a "
            "penalty"
        )
        where = first if len(wrong) > 1 else ""
    if right and len(wrong) == 1 and not after:
        where = f"only layer {wrong[0]} is wrong"
    return [
        replace(f, note="; ".join(filter(None, [f.note, where])))
        if f.failed and layer_number(f) is not None
        else f
        for f in findings
    ]


def layer_number(finding: Finding) -> int | None:
    """2 for a finding about "dW of layer 2 Dense"."""
    found = re.search(r"layer (\d+) ", finding.parameter)
    return int(found[1]) if found else None


def random_theta(network: Network, rng: Any) -> Array:
    """θ near its initial value, with every entry that is not fixed moved (a bias starts at 0)."""
    return (
        network.initial(rng, "float64") + 0.3 * rng.standard_normal(network.size) * ~network.fixed
    )
