"""Sockets: who is connected, what is pushed to whom, and what a client may say.

The truth is in the database; a socket only saves the client from asking. Whatever is lost here is found by the
client's cursor.
"""
