"""What an operator does to a whole installation: back it up, restore it, look whether it is sound, move it.

It stands above the features and reads every table, but writes none that a running server uses. It does not serve.
"""
