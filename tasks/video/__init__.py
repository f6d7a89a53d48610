"""From rendered parts to one result: a video, or annotated pictures."""
