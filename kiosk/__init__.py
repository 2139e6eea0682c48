"""A touchless queue-ticket kiosk for Vietnam's one-stop public-service offices.

Data flows one way::

    frame → percept → event → visit → effect → ticket / record → outbox → central

Read :mod:`kiosk.app` first: it builds every part in order and takes them down in reverse.
"""

__version__ = "0.1.0"
