"""A storm over whole commands: whatever happens to them, a run ends as if nothing had, or is
refused in a line.

Commands run in children of one warm process (`zygote.py`) and are looked at from outside alone: by
their status, what they print, and the files that they leave. `conftest.py` says how to run the long
version.
"""
