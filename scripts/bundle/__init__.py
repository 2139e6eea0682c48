"""Making a bundle: everything a kiosk needs, in one file, for a place without a network."""
