"""Reading corps, departments, members and windows, by noun."""
