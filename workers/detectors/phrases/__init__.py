"""Phrases, for detectors that know single words best: found by their parts."""
