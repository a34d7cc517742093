"""Routing, room by room."""
