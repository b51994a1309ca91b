"""Harder variants of proven scenarios, each proven again by running it."""
