"""Searching everything that was seen, from the client's side.

asked     what is searched for, and what comes of it, as they are sent
process   the process that searches: it knows the detectors, the client does not
request   from a caller's words to what is sent
result    what was found, for programs, notebooks and people
pictures  what was found, cut out of the stored footage
sheet     the same as one page
"""
