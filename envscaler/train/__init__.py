"""Export: trajectories become SFT rows, scenarios become RL rows, for trainers of others."""
