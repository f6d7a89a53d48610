"""Who was where, and who crossed what: zones and lines over the tracks of a finished job.

asked      `door=10,20,300,400` read, and held against the size of the frame
geometry   points in zones, ways across edges
visits     one track: when it entered and left, how long it was inside, what it crossed
counted    all tracks: numbers by zone, class and track
tables     as CSV and JSON
job        of a finished job
"""
