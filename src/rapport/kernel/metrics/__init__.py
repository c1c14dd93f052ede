"""What a process counts of itself, and how others read it.

Counting is plain integers on objects of our own, because it happens on the way of every message; everything that costs
(names, labels, queries) is done when somebody asks.
"""
