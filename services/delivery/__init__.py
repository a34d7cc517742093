"""Delivery: what offices are sent, and what they answer."""
