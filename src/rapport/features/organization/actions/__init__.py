"""Every write of organization, by noun."""
