"""Training and evaluation of the pocket detector."""
