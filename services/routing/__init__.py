"""Routing: the only way to a service, whoever decides."""
