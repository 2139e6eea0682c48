"""QR codes on paper."""

from __future__ import annotations

import qrcode
from PIL import Image

from kiosk.printer.paper import BLACK, WHITE, Paper


def qr_code(paper: Paper, content: str) -> Image.Image:
    """Modules of 0.75 mm where the paper has the room, with the quiet zone of four modules.

    ISO/IEC 18004 asks for the quiet zone; level M survives a crease.
    """
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(content)
    matrix = code.get_matrix()
    module = max(2, min(paper(6), paper.dots // 2 // len(matrix)))
    small = Image.new("L", (len(matrix), len(matrix)))
    small.putdata([BLACK if dark else WHITE for row in matrix for dark in row])
    side = len(matrix) * module
    return small.resize((side, side), Image.Resampling.NEAREST)
