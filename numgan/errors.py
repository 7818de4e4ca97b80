"""The one kind of error that is the user's to mend."""


class InputError(ValueError):
    """Bad input: one line that names what was wrong, what was expected and where.

    The command line prints it without a traceback and exits with status 2; any other exception is a
    bug of numgan.
    """
