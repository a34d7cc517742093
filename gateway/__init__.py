"""The gateway: the only door for people."""
