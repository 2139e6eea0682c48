"""``central …``: one file for each thing an administrator manages."""
