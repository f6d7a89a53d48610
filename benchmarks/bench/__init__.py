"""One table of how fast Horatio is, every figure a ratio against a named baseline in the same run."""
