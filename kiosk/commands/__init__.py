"""``kiosk …``: the sub-commands, a file for each group. What is heavy is imported inside them."""
