"""Corps, their departments and members, and the window that each member is towards customers.

It owns who works where, who is verified, and what outsiders see. It does not own passwords and sessions (identity), nor
customers.
"""
