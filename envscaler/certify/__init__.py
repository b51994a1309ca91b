"""Certificates: what can be shown of a set of scenarios, by anybody who has its files."""
