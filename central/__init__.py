"""The central server: what every kiosk of an office reports to."""
