"""A real model behind a real server: facts about the pipeline, nothing about quality."""
