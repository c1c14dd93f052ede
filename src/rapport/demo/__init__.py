"""An invented company that looks lived in: what `make run` and `rapport demo` start with.

Everything happens through the features' own actions, at the instants at which it is said to have happened, so read
marks, waiting times and unread counts are what they would be in a real shop. Knows every feature, like the composition
root.
"""
