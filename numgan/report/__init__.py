"""A run as one page of HTML that needs nothing beside it: no other file, no network, and no
JavaScript to be read.
"""
