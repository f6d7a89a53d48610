"""The Celery application and its tasks, one for each stage of a job."""
