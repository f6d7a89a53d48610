"""From rendered segments to one video."""
