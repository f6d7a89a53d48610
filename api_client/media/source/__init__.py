"""What a file contains: streams, packets, timestamps, and how it is mended where it lies."""
