"""Moments: when a condition holds in a finished job, as lists and as clips.

tokens, parsing, condition   "dog and not leash", read and asked of a frame
moment                       stretches of frames, joined, padded and filtered
lists                        CSV, WebVTT chapters, a LosslessCut project
stored_footage               the parts and the sound, from the store
packet_copy, exact           two ways to take pictures out of the parts
clip_file                    pictures and sound in one file
clips                        of a finished job
"""
