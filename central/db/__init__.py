"""Central's database: tables, their history, transactions."""
