"""A run as one HTML file, with nothing to install, to start or to load."""
