"""A frame for machines that have neither pandas nor Polars."""


class Column(list):
    """A column as both have it."""

    to_list = list.copy


class Frame:
    """A frame by what numgan asks of one."""

    def __init__(self, columns, names=None):
        self.held = {name: Column(values) for name, values in columns.items()}
        self.columns = names or list(columns)
        self.shape = (len(next(iter(self.held.values()))), len(self.columns))

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, name):
        return self.held[name]
