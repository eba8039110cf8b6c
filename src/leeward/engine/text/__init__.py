"""Scores text: normalise, identify the language, features, scores."""
