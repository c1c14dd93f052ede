"""Every write to conversations."""
