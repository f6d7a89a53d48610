"""A video cut into parts that decode by themselves."""
