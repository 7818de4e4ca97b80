"""What G pays beside its value (E55): a function C of its parameters and samples, which G descends
together with Ṽ_g.

    transport   C = (λ/m) Σ_i ‖G(z_i) − z_i‖²      ∂C/∂x̃_i = (2λ/m) (x̃_i − z_i)        x̃ = G(z)
    decay       C = ½λ ‖θ_g‖²                      ∂C/∂θ_g = λ θ_g

G's gradient at the samples is then that of Ṽ_g, which comes back through D, plus ∂C/∂x̃. Both
slopes are linear in what moves, so their change R{·} along a direction is the same formula.
"""

from __future__ import annotations

from dataclasses import dataclass

from numgan.arguments import not_negative
from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.network import Network


@dataclass(frozen=True)
class Cost:
    """One of the table below; `weight` is λ. The slopes that it does not have are 0.

    >>> COSTS['decay'].weight >= 0
    True
    """

    name: str
    says: str
    weight: float
    formula = "C"

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)

    @property
    def parts(self) -> tuple[Cost, ...]:
        """The costs that this is the sum of."""
        return (self,)

    def __add__(self, other: Cost) -> CostSum:
        parts = *self.parts, *other.parts
        return CostSum(" + ".join(cost.name for cost in parts), "a sum", 1.0, parts)

    def fits(self, G: Network) -> None:
        """Raise InputError where the generator has no such cost."""

    def value(self, G: Network, theta: Array, z: Array, samples: Array) -> Array:
        """C, a scalar."""
        raise NotImplementedError

    def dsamples(self, z: Array, samples: Array) -> Array:
        """∂C/∂x̃, in the shape of the samples."""
        return 0 * samples

    def rdsamples(self, Rsamples: Array) -> Array:
        """R{∂C/∂x̃} where the samples move along Rsamples."""
        return 0 * Rsamples

    def dtheta(self, G: Network, theta: Array) -> Array:
        """∂C/∂θ_g with the samples fixed, (G.size,); its change along Rθ is the same of Rθ."""
        return 0 * theta


@dataclass(frozen=True)
class Transport(Cost):
    """C = (λ/m) Σ_i ‖G(z_i) − z_i‖²: each latent stays near its sample (arXiv:2511.22475).

    The class beside [x | c] is that of [z | c], and costs nothing. Raises InputError where latents
    and samples are of different shapes.

    >>> import numpy as np
    >>> z = np.array([[1.0, 2.0]])
    >>> COSTS['transport'].dsamples(z, z + 1) / COSTS['transport'].weight  # 2(x̃ − z)/m
    array([[2., 2.]])
    """

    formula = "(λ/m) Σ ‖G(z) − z‖²"

    def fits(self, G: Network) -> None:
        if G.input_shape != G.output_shape:
            raise InputError(
                f"the transport cost compares each sample with its latent, and samples have the "
                f"shape {G.output_shape}, latents {G.input_shape}: choose --latent as long as a row"
            )

    def value(self, G: Network, theta: Array, z: Array, samples: Array) -> Array:
        return self.weight / len(z) * ((samples - z) ** 2).sum()  # E55

    def dsamples(self, z: Array, samples: Array) -> Array:
        return 2 * self.weight / len(z) * (samples - z)  # E55

    def rdsamples(self, Rsamples: Array) -> Array:
        return 2 * self.weight / len(Rsamples) * Rsamples  # R{E55}: z does not move


@dataclass(frozen=True)
class Decay(Cost):
    """C = ½λ ‖θ_g‖² over the variables of G, not over what its layers remember.

    >>> import numpy as np
    >>> from numgan.layers import Dense
    >>> G, theta = Network([Dense(1, 1)], (1,)), np.array([3.0, 4.0])
    >>> COSTS['decay'].dtheta(G, theta) / COSTS['decay'].weight
    array([3., 4.])
    """

    formula = "½ λ ‖θ_g‖²"

    def value(self, G: Network, theta: Array, z: Array, samples: Array) -> Array:
        return self.weight / 2 * (theta * self.dfree(G, theta)).sum()  # E55

    def dtheta(self, G: Network, theta: Array) -> Array:
        return self.weight * self.dfree(G, theta)  # E55

    @staticmethod
    def dfree(G: Network, theta: Array) -> Array:
        """θ, and 0 where a layer remembers something."""
        return theta * namespace(theta).asarray(~G.fixed) if G.remembers else theta


@dataclass(frozen=True)
class CostSum(Cost):
    """C = Σ_j C_j, and every slope is a sum too (E55).

    >>> (COSTS['transport'] + COSTS['decay']).name
    'transport + decay'
    """

    members: tuple[Cost, ...] = ()

    @property
    def parts(self) -> tuple[Cost, ...]:
        return self.members

    def fits(self, G: Network) -> None:
        for cost in self.parts:
            cost.fits(G)

    def value(self, G: Network, theta: Array, z: Array, samples: Array) -> Array:
        return sum(cost.value(G, theta, z, samples) for cost in self.parts)

    def dsamples(self, z: Array, samples: Array) -> Array:
        return sum(cost.dsamples(z, samples) for cost in self.parts)

    def rdsamples(self, Rsamples: Array) -> Array:
        return sum(cost.rdsamples(Rsamples) for cost in self.parts)

    def dtheta(self, G: Network, theta: Array) -> Array:
        return sum(cost.dtheta(G, theta) for cost in self.parts)


COSTS: dict[str, Cost] = {
    cost.name: cost
    for cost in (
        Transport("transport", "λ‖G(z) − z‖², where latents and samples have one shape", 0.1),
        Decay("decay", "½λ‖θ_g‖², weight decay", 1e-4),
    )
}
