"""A person plays scenarios: in the terminal, or in a browser."""
