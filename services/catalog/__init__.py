"""Keeps the register of public services: what exists, who owns it, how it is reached."""
