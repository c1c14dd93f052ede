"""A whole installation on one machine: the database and its standby, the bus, the nodes, the balancer in front.

`make cluster` shows it, the fault tests break it. Everything listens on 127.0.0.1 alone.
"""
