"""Every write of identity, by noun."""
