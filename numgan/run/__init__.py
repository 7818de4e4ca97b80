"""A run: its configuration, the training that the configuration describes, and the folder that it
fills.
"""
