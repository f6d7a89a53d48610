"""Measurements, printed. Nothing here is a test."""
