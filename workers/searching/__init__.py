"""Searching everything that was seen: `python -m workers.searching`, which `client search` starts.

things     what a job saw, thing by thing, from its indexes of regions
kept_jobs  the same on this machine's disk, made once a job, ready to be mapped into memory
asking     words asked of all looks
asking_phrases  phrases asked of them, by their parts
moments    from looks that answer to moments that people want to see
groups     which jobs are asked by which detector's rescorer, and which are left out
searcher   all of it, request by request
"""
