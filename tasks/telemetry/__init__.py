"""What a worker shows of itself: metrics on a port, a pulse for probes, logs that name job and chunk."""
