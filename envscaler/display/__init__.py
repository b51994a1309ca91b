"""Rows, lists, builds and tables drawn for a person."""
