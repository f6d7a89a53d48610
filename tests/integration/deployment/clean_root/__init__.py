"""docker/Dockerfile without Docker: its steps carried out in a clean root file system, and its images run."""
