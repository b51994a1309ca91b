"""envscaler gen-scen: initial states, tasks and check functions for each environment."""
