"""Two jobs on the same footage: where they agree, and where they do not.

footage       whether it is the same
matching      the boxes of one frame
agreement     the whole video, word by word, and the frames with most disagreement
tables        as CSV and JSON
panels        both renderings, frame by frame
side_by_side  as a video and as pictures
jobs          of two finished jobs
"""
