"""docker/Dockerfile built by a real builder, and its images at work."""
