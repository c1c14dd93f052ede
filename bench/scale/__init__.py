"""How large Rapport would have to be: measured costs and named assumptions in, machines and storage out.

A model and nothing else: pure functions of numbers, printed by ``make bench ARGS=scale`` or ``python -m bench.scale``.
"""
