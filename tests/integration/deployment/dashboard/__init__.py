"""The dashboard's own queries, asked of a real Prometheus about real workers, and drawn."""
