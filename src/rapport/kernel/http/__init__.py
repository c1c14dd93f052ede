"""The HTTP edge: who is calling, what they sent, and how refusals look."""
