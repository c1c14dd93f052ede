"""What the product costs, each figure beside its floor measured in the same run.

The server under test is the real one, in a process of its own on one core; the load comes from this process on another.
Machines differ and are shared, so that the figures to compare are ratios and the server's CPU time per unit of work.
"""
