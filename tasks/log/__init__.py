"""From what was detected in the parts to the log of the whole video."""
