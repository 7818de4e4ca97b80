"""What is the derivative, by means that know nothing of how it was derived by hand?

`differences.py` has the means themselves: the complex step (E48), the central difference (E47), the
Taylor remainder (E49), the adjoint identity (E50), and the noise of a function. `kinks.py` says
where a method does not apply, `methods.py` chooses among them, `tolerance.py` says how far apart
two right answers may lie. Nothing here imports anything of numgan outside this room.
"""
