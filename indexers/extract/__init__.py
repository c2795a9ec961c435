"""Attachment to text: one module a format, behind one contract."""
