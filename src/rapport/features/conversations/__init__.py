"""Conversations: one ordered log of entries each, its participants, their cursors.

And how clients stay in step with it.

Owns sending, recalling, reading, listing and syncing for members and consumers alike. Does not own who may know whom
(customers), what a file is (files) or how a socket works (kernel.realtime).
"""
