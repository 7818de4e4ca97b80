"""The same lines on the GPU.

Every test that takes `device` runs twice: on a stand-in for CuPy, anywhere, and on a GPU, where
there is one (marked `gpu`, skipped elsewhere with what is missing). On the stand-in the numbers
must be NumPy's to the bit, for NumPy computes them, and a training step must never make Python
wait. That proves that the lines ask for nothing that CuPy lacks, mix no arrays and need no number
on the way; it cannot see what CuPy's kernels compute, nor how fast.

    pytest tests/device                 anywhere
    pytest tests/device -m gpu          on a machine with a GPU and cupy
    python -m tests.device.record       the same, and what it said is written into RESULTS.md
    python -m tests.benchmarks --device cuda [and tests.benchmarks.dcgan28]
        how fast, beside PyTorch on that GPU
"""
