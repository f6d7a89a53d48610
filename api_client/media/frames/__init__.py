"""Between stored pictures and RGB."""
