"""What stops an operation."""


class OperationError(Exception):
    """The operation was not done; the message is one sentence for the operator."""
