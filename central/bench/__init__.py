"""``central bench``: what one city asks of this server, on a PostgreSQL started for it."""
