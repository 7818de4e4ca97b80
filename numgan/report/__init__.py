"""A run as one page of HTML that is complete in itself: no other file, no network, and no
JavaScript to read it.
"""
