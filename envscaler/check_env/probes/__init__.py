"""Short sequences of calls that are proposed for the edges of rules, and what they show."""
