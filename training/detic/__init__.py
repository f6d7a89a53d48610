"""What Detic needs before and beside its official weights."""
