"""Consumers as one corp knows them, the relations members have with them, and the codes through which they meet.

Owns contact ways and their QR codes, accepting, relations with what a member notes about a customer, and welcomes.
Does not know what is said in a conversation: it opens, closes and greets through ports that conversations answers.
"""
