"""The reducer: from the chunks' outputs to what a person gets."""

from tasks.reduce.job import reduce_job

__all__ = ["reduce_job"]
