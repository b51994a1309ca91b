"""Where values come from and go to in the code of an environment."""
