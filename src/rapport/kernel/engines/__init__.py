"""Implementations of ``kernel.database``; the embedded one is SQLite."""
