"""What uploaded bytes really are: decided by content, never by a name or a declared type.

Everything here is plain computation over a file on disk; callers run it in a thread, before any transaction.
"""
