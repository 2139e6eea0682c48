"""A believable day at an office: seeded, and through the same services as a real one."""
