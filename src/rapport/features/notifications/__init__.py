"""Waking devices whose app is closed: subscriptions to web push, and what is sent to whom.

It knows who wants to be woken and where. It does not decide what is unread or muted (conversations), nor who is signed
in (identity).
"""
