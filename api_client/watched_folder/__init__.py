"""A folder whose new files become jobs.

settled   whether a file is completely written
record    what became of every file, on disk, so that nothing is done twice
notices   what is told, and to whom (Apprise)
folder    one look at the folder after the other
"""
