"""Accounts of members and consumers: credentials, sign-in, sessions and the devices that hold them, one-time codes.

It knows who somebody is and whether a secret is good. It does not know what a corp, a department or a window is
(organization), nor which corps a consumer has met (customers).
"""
