"""The contract of a job, and the client that speaks it."""
