"""Devices that want to be woken, one row per session."""

from sqlalchemy import Index, Table

from rapport.kernel.schema import metadata, moment, text

push_subscription = Table(
    "push_subscription",
    metadata,
    text("session_id", primary_key=True),
    text("surface"),
    text("corp_id", nullable=True),
    text("userid", nullable=True),
    text("consumer_id", nullable=True),
    text("endpoint"),
    text("p256dh"),
    text("auth"),
    text("locale"),
    moment("created_at"),
    Index("ix_push_subscription_member", "corp_id", "userid"),
    Index("ix_push_subscription_consumer", "consumer_id"),
    Index("ix_push_subscription_endpoint", "endpoint"),
    sqlite_with_rowid=False,
)
