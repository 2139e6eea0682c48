"""Writing a card: standard library only, so that it runs on a technician's laptop as it is."""
