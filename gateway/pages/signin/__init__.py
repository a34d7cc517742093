"""Signing in: at the outside issuer, or at the local one while you develop."""
