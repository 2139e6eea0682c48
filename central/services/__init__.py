"""What central does, as functions over a session: no HTTP, no clock."""
