"""Layers, networks and optimizers that behave like the ones they wrap, and record their inputs and
outputs.

A game with recording networks is run by the library's own lines, so Algorithm 1 is not written a
second time here.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.layers.layer import Around, Layer, Parameters
from numgan.network import Network
from numgan.optimizers import Optimizer


@dataclass(frozen=True, eq=False)
class Call:
    """One call of one layer: with x, dy, Rx or Rdy and the P of that moment, it returned y, dx or
    dP, or R of one of these.
    """

    number: int
    layer: Layer
    method: str  # forward, backward, gradient, rforward, rbackward or rgradient
    P: Parameters
    input: Array
    result: Any
    cache: Any = None  # of a forward pass
    rng: tuple = ()  # its state before a forward pass that draws


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass of a network and the calls of its layers, in the order of the calls."""

    player: str  # D or G
    network: Network  # without recording
    method: str
    theta: Array
    version: int  # the number of earlier changes of θ
    input: Array
    tape: list  # the very list that forward returned: it links a backward pass to its forward
    result: Array
    calls: tuple[Call, ...]

    def rows(self, rows: slice) -> Pass:
        """A forward pass of some of the rows, where rows are separate."""
        calls = (
            replace(call, input=call.input[rows], result=call.result[rows], cache=None)
            for call in self.calls
        )
        return replace(self, input=self.input[rows], result=self.result[rows], calls=tuple(calls))


@dataclass(frozen=True, eq=False)
class RecordingLayer(Around):
    """The layer; each pass adds a Call."""

    number: int
    layer: Layer
    calls: list[Call]

    def observe(self, P, cache):
        self.layer.observe(P, cache)

    def record(self, method: str, P: Parameters, given: Array, result: Any, *forward: Any) -> Any:
        self.calls.append(
            Call(
                self.number, self.layer, method, tuple(p.copy() for p in P), given, result, *forward
            )
        )
        return result

    def forward(self, P, x, *rng):
        before = deepcopy(rng)
        y, cache = self.layer.forward(P, x, *rng)
        return self.record("forward", P, x, y, cache, before), cache

    def backward(self, P, *given):
        return self.record("backward", P, given[-1], self.layer.backward(P, *given))

    def gradient(self, P, *given):
        return self.record("gradient", P, given[-1], self.layer.gradient(P, *given))

    def rforward(self, P, *given):
        Ry, Rcache = self.layer.rforward(P, *given)
        return self.record("rforward", P, given[-1], Ry), Rcache

    def rbackward(self, P, *given):
        return self.record("rbackward", P, given[-1], self.layer.rbackward(P, *given))

    def rgradient(self, P, *given):
        return self.record("rgradient", P, given[-1], self.layer.rgradient(P, *given))


class RecordingNetwork(Network):
    """The network, with every pass appended to `passes`."""

    def __init__(self, player: str, network: Network, passes: list[Pass]):
        self.player, self.network, self.passes = player, network, passes
        self.calls: list[Call] = []
        self.version, self.last = -1, np.empty(0)
        layers = [
            RecordingLayer(number, layer, self.calls) for number, layer in enumerate(network.layers)
        ]
        super().__init__(layers, network.input_shape)

    def record(self, method: str, theta: Array, given: Array, tape: list, result: Array) -> Array:
        """Store the calls of a pass; a copy is stored, because the caller may change the result."""
        if not np.array_equal(theta, self.last):
            self.version, self.last = self.version + 1, theta.copy()
        calls = tuple(self.calls)
        self.calls.clear()
        self.passes.append(
            Pass(
                self.player,
                self.network,
                method,
                self.last,
                self.version,
                given,
                tape,
                result.copy(),
                calls,
            )
        )
        return result

    def forward(self, theta, x, rng=None):
        y, tape = super().forward(theta, x, rng)
        return self.record("forward", theta, x, tape, y), tape

    def gradient(self, theta, tape, dy):
        return self.record("gradient", theta, dy, tape, super().gradient(theta, tape, dy))

    def backward(self, theta, tape, dy):
        return self.record("backward", theta, dy, tape, super().backward(theta, tape, dy)).copy()

    def walk(self, theta, tape, dy):
        dys = super().walk(theta, tape, dy)
        return [self.record("backward", theta, dy, tape, dys[0]).copy(), *dys[1:]]

    def rforward(self, theta, tape, Rtheta, Rx):
        Ry, Rtape = super().rforward(theta, tape, Rtheta, Rx)
        return self.record("rforward", theta, Rx, tape, Ry), Rtape

    def rgradient(self, theta, tape, Rtheta, Rtape, dy, Rdy, dys=None):
        result = super().rgradient(theta, tape, Rtheta, Rtape, dy, Rdy, dys)
        return self.record("rgradient", theta, Rdy, tape, result)


@dataclass(frozen=True, eq=False)
class Update:
    """One step of an optimizer: θ and the optimizer's state, before and after."""

    sign: int  # +1 ascends, −1 descends
    eta: float
    t: int  # the number of this step, from 1
    g: Array
    theta: Array
    state: dict[str, Array]
    new_theta: Array
    new_state: dict[str, Array]


@dataclass
class RecordingOptimizer:
    """The optimizer; each step adds an Update."""

    optimizer: Optimizer
    updates: list[Update] = field(default_factory=list)

    @property
    def t(self) -> int:
        return self.optimizer.t

    def ascend(self, theta: Array, g: Array) -> None:
        self.record(self.optimizer.ascend, +1, theta, g)

    def descend(self, theta: Array, g: Array) -> None:
        self.record(self.optimizer.descend, -1, theta, g)

    def record(self, step, sign: int, theta: Array, g: Array) -> None:
        optimizer, before = self.optimizer, theta.copy()
        state = deepcopy(optimizer.state) or {
            name: np.zeros_like(theta) for name in optimizer.remembers
        }
        eta = optimizer.eta(optimizer.t)
        step(theta, g)
        self.updates.append(
            Update(
                sign,
                eta,
                optimizer.t,
                g.copy(),
                before,
                state,
                theta.copy(),
                deepcopy(optimizer.state),
            )
        )
