"""Measurements on the machine at hand: ``kiosk bench …``."""
