"""Many runs: the same training with many seeds, and over a grid of choices.

    cells      the runs: a configuration for each combination of choices and each seed
    work       one run, in its own process, and its outcome
    child      that process, which stops when the sweep is gone
    engines    where the processes run: here, on a Dask cluster, on the ranks of MPI
    runs       all runs of a folder, as many at a time as the engine allows
    table      mean ± standard error over the seeds, and paired differences
    pictures, page   what people look at

Every run is a plain run folder, as `numgan train` makes it. `numgan.sweep(…)` and the command
`numgan sweep` do the same; `numgan train NAME --seeds 10` is a sweep over seeds alone.
"""
