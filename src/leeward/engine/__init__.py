"""A pure library that screens one event: no Django, no network, no clock of its own."""
