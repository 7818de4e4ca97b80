"""Why is it wrong? A file for each family of patterns; `causes.py` asks them in order.

A pattern compares what the code says with what is right, and returns a sentence where it
recognizes the shape of the error.
"""
