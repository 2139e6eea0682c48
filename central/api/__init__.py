"""HTTP in front of the services, thin."""
