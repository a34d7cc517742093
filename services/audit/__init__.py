"""Audit: one record for every decision, and the answers analysts ask for."""
