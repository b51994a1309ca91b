"""Code that runs inside the sandbox, bundled with a benchmark's own; plain Python on both sides."""
