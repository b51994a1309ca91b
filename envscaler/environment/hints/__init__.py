"""Values that the code of an environment suggests for its arguments and fields."""
