"""Filling an installation with an invented corp of a given size: for rehearsals, for measuring, for choosing a machine.

What is written is what the product itself would have written by now: every log is dense, every count agrees with the
rows it counts, and lists, searches and sending work as in a corp that grew.
"""
