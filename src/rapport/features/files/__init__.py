"""Stored files: pictures, voice messages and documents that people upload, checked by content before they are kept.

Owns uploading, downloading, who may read a file, and the removal of files that nobody used. Does not know what a file
is for: a conversation grants its participants the right to read, a profile makes a file public.
"""
