"""From a written card to a running kiosk, and from one release to the next.

Runs on the device as root, before the kiosk is installed: standard library only. It is copied
into the system's own (later read-only) part of the card, so that it outlives every release it
installs. ``layout`` and ``bundle`` are also what ``scripts/flash`` writes cards by.
"""
