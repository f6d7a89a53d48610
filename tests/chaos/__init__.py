"""Jobs whose workers, clients, broker and store do not last, and what becomes of them."""
