"""Specifies the classifier."""
