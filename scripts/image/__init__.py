"""The whole image, put to the test without a Raspberry Pi: see ``scripts/test-image.sh``."""
