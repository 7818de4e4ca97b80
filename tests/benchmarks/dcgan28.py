"""dcgan28: one training iteration of the 28×28 DCGAN, numgan beside PyTorch eager, the same
arithmetic in both.

    python -m tests.benchmarks.dcgan28 [--rounds R] [--threads T] [--memory] [--batch M] [--device
    D]

One D step on 64 (M) data and as many fakes, one G step on fresh noise, non-saturating, Adam(2e-4,
0.5, 0.999), float32. Contenders take turns, each in a process of its own; a figure is the median
over the rounds, a ratio the median of the ratios within a round, in brackets its quartiles. `floor`
is the twelve large matrix products of an iteration and nothing else. No test: run it by hand on
a quiet machine.

NumPy's BLAS chooses its kernels by the processor's name, and OpenBLAS 0.3.31 does not know AMD's
Zen 5: it runs AVX2 kernels at half the speed that AVX-512 reaches there.
`OPENBLAS_CORETYPE=SkylakeX` in the environment puts that right.

Arrays of a few MiB go back to the system as soon as they are freed, and come back page by page:
15,000 page faults an iteration, a quarter of its time. `--keep` asks the C library to keep what is
freed, for all contenders alike.

With --device cuda everything is on the GPU, timed by its events; PyTorch's convolutions are kept
from TF32, in which CuPy's products are not computed either.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys

from numgan.backend import DEVICES, generator, require, to_device
from numgan.errors import InputError
from tests.benchmarks.clock import Run
from tests.benchmarks.turns import Contender, in_turn, set_threads, table


def numgan(m: int, device: str) -> Run:
    """This library, through the same Training and the same use of threads as `numgan train`."""
    import numpy as np

    from numgan.architectures import dcgan28
    from numgan.game import Game
    from numgan.objectives import OBJECTIVES
    from numgan.optimizers import Adam
    from numgan.run.threads import chosen
    from numgan.training import Training

    x = to_device(np.random.default_rng(0).uniform(-1, 1, (m, 784)).astype(np.float32), device)

    class Fixed:
        def batch(self, m, rng):
            return x

    rng = np.random.default_rng(1)
    G, D = dcgan28()
    theta_d, theta_g = (to_device(network.initial(rng), device) for network in (D, G))
    training = Training(
        Game(G, D, OBJECTIVES["nonsaturating"]),
        Fixed(),
        generator(device, rng, "device"),
        theta_d,
        theta_g,
        Adam(2e-4, 0.5),
        Adam(2e-4, 0.5),
        m,
    )
    threads = chosen(training, int(os.environ.get("OPENBLAS_NUM_THREADS", "1")))

    def run(n: int) -> None:
        with threads.limited():
            for _ in range(n):
                training.iteration()

    return run


def torch(m: int, device: str, channels_last: bool = False) -> Run:
    """PyTorch eager, written as its own DCGAN example writes it: D on data, D on detached fakes,
    then G.
    """
    import torch
    from torch import nn

    torch.manual_seed(1)
    torch.backends.cudnn.allow_tf32 = False
    G = nn.Sequential(
        nn.Linear(64, 6272),
        nn.Unflatten(1, (128, 7, 7)),
        nn.BatchNorm2d(128),
        nn.ReLU(True),
        nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(True),
        nn.ConvTranspose2d(64, 1, 4, 2, 1),
        nn.Tanh(),
    )
    D = nn.Sequential(
        nn.Conv2d(1, 64, 4, 2, 1),
        nn.LeakyReLU(0.2, True),
        nn.Conv2d(64, 128, 4, 2, 1, bias=False),
        nn.BatchNorm2d(128),
        nn.LeakyReLU(0.2, True),
        nn.Flatten(),
        nn.Linear(6272, 1),
    )
    x = torch.rand(m, 1, 28, 28) * 2 - 1
    G, D, x = (each.to(device) for each in (G, D, x))
    if channels_last:
        G, D, x = (each.to(memory_format=torch.channels_last) for each in (G, D, x))
    adam_g = torch.optim.Adam(G.parameters(), 2e-4, (0.5, 0.999))
    adam_d = torch.optim.Adam(D.parameters(), 2e-4, (0.5, 0.999))
    loss, one, zero = (
        nn.BCEWithLogitsLoss(),
        torch.ones(m, 1, device=device),
        torch.zeros(m, 1, device=device),
    )

    def run(n: int) -> None:
        for _ in range(n):
            with torch.no_grad():
                fake = G(torch.randn(m, 64, device=device))
            adam_d.zero_grad(set_to_none=True)
            (loss(D(x), one) + loss(D(fake), zero)).backward()
            adam_d.step()
            D.requires_grad_(False)
            adam_g.zero_grad(set_to_none=True)
            loss(D(G(torch.randn(m, 64, device=device))), one).backward()
            adam_g.step()
            D.requires_grad_(True)

    return run


def torch_channels_last(m: int, device: str) -> Run:
    """PyTorch with the memory layout that numgan has."""
    return torch(m, device, channels_last=True)


def floor(m: int, device: str) -> Run:
    """The products of the two large convolutions: four forward, four to the input, three to W, one
    more for W in G.
    """
    import numpy as np

    rng = np.random.default_rng(1)
    P, K, O = m * 49, 4 * 4 * 64, 128
    patches, W, y = (
        to_device(rng.standard_normal(shape, np.float32), device)
        for shape in ((P, K), (K, O), (P, O))
    )

    def run(n: int) -> None:
        for _ in range(n):
            # conv forward: D on data and fakes, D in the G step; dx of G's convᵀ
            for _ in range(4):
                patches @ W
            # conv dx: D on data and fakes, D in the G step; G's convᵀ forward, twice
            for _ in range(5):
                y @ W.T
            for _ in range(3):  # dW: D on data and fakes; G
                patches.T @ y

    return run


CONTENDERS = {
    "numgan": numgan,
    "torch": torch,
    "torch_channels_last": torch_channels_last,
    "floor": floor,
}


def measure(names: list[str], options: argparse.Namespace) -> None:
    """Print microseconds an iteration and the ratios of the first contender to the others."""
    given, device = (options.batch, options.device), options.device
    contenders = {
        name: Contender("tests.benchmarks.dcgan28", name, given, device, options.keep)
        for name in names
    }
    table("dcgan28", in_turn(contenders, options.rounds, options.seconds, warm=3))
    for contender in contenders.values():
        contender.leave()


def memory(name: str, kept: bool, m: int) -> float:
    """MiB by which a fresh process grows at its peak over 10 iterations on the CPU, from just after
    the imports.
    """
    code = (
        f"from numgan.backend import keep_memory; from tests.benchmarks import dcgan28 as b; "
        f"{'keep_memory(); ' if kept else ''}b.grow({name!r}, {m})"
    )
    return float(
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout
    )


def grow(name: str, m: int) -> None:
    """In the fresh process: print the growth of the peak."""
    if name.startswith("torch"):
        import torch  # noqa: F401
    else:
        import numgan.architectures  # noqa: F401
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    CONTENDERS[name](m, "cpu")(10)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("contenders", nargs="*", default=list(CONTENDERS))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--seconds", type=float, default=0.5, help="how long each contender runs in a round"
    )
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--device", choices=DEVICES, default="cpu")
    parser.add_argument(
        "--threads",
        type=int,
        help="threads of every library; without it, each library's own choice",
    )
    parser.add_argument("--memory", action="store_true", help="peak memory in place of time")
    parser.add_argument(
        "--keep", action="store_true", help="let freed memory stay with the process"
    )
    options = parser.parse_args()
    try:
        require(options.device)
    except InputError as error:
        parser.error(str(error))
    if options.threads:
        set_threads(options.threads)
    if options.memory:
        for each in options.contenders:
            if each != "floor":
                print(f"{each:22}{memory(each, options.keep, options.batch):8.1f} MiB")
    else:
        measure(options.contenders, options)
