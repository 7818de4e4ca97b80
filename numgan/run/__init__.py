"""A run: its configuration, the training that the configuration describes, and its folder."""
