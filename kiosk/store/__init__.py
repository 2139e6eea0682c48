"""The kiosk's encrypted database: tickets, citizens, consents, templates, outbox."""
