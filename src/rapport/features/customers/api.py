"""What other features may call.

Sending: ``check_relation`` before each message of a customer conversation. Names: ``find_customers``. Addresses of a
consumer: ``persons_of``. The conversations feature joins ``ports``; identity's ConsumerMerging is ``merge_consumer``.
"""

from rapport.features.customers.access import check_relation
from rapport.features.customers.actions.merging import merge_consumer
from rapport.features.customers.actions.relations import end_relation
from rapport.features.customers.queries.customers import (
    ask_customers,
    customer_of,
    find_consumers_behind,
    find_customers,
    persons_of,
)
from rapport.features.customers.queries.relations import ask_remarks, find_relation

__all__ = [
    "ask_customers",
    "ask_remarks",
    "check_relation",
    "customer_of",
    "end_relation",
    "find_consumers_behind",
    "find_customers",
    "find_relation",
    "merge_consumer",
    "persons_of",
]
