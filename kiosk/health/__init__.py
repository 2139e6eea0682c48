"""How this kiosk is: one condition per file in :mod:`kiosk.health.checks`, what can be mended
without anybody in :mod:`kiosk.health.fixes`."""
