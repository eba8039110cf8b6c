"""Protects the minors on an online service, and holds an alliance of services to what it promised."""

__version__ = "0.1.0"
