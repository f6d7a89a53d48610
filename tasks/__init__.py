"""The Celery application, its tasks, and the reducer."""
