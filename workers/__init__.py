"""What a worker does with a chunk."""
