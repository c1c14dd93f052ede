"""What every feature stands on: the transaction, the facts, their distribution, the edges.

The kernel imports no feature and knows no word of the product beyond corp, person and policy.
"""
