"""One module for each kind of finding that needs a search of its own."""
