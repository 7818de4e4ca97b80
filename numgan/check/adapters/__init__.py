"""Gradients that were written for PyTorch, JAX or SciPy, checked in a line.

    check_torch(MyFunction, (x, W))     a torch.autograd.Function, a module or a function of tensors
    check_jax(f, (x, W))                a jax.custom_vjp or custom_jvp function, or any other
    check_scipy(f, x, jac, hess, hessp) an objective of scipy.optimize.minimize with its derivatives

numgan imports none of these libraries: it uses the one that made the object. The forward pass is
evaluated in double precision on the CPU and differentiated by numgan's means; the claim is what the
library's own backward pass returns. The arguments are NumPy arrays; everything else is constant.
"""

from numgan.check.adapters.jax import assert_jax, check_jax
from numgan.check.adapters.pytorch import assert_torch, check_torch
from numgan.check.adapters.scipy import assert_scipy, check_scipy

__all__ = ["assert_jax", "assert_scipy", "assert_torch", "check_jax", "check_scipy", "check_torch"]
