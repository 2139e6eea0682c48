"""What every model that ships answers to pictures made of a formula: run it on two machines and
compare.

    outputs.py FILE.npz MODELS         write the answers
    outputs.py --compare A.npz B.npz   print the largest difference of each output; status 1 beyond
                                       1e-3
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
from ai_edge_litert.interpreter import Interpreter

MOST = 1e-3
"""Of an output's largest value, or absolute where that is below 1."""
PICTURES = 3


def picture(shape: tuple[int, ...], number: int) -> np.ndarray:
    """Smooth waves of several lengths, 0 … 1, the same on every machine to the last bit: made of
    integers."""
    rows, columns, channels = np.indices(shape[1:])
    waves = (rows * (3 + number) + columns * (5 + 2 * number) + channels * 37) % 256
    return (waves[None].astype(np.float32) / np.float32(255)).astype(np.float32)


def answers(models: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for file in sorted(models.glob("*.tflite")):
        net = Interpreter(str(file), num_threads=1)
        net.allocate_tensors()
        (given,) = net.get_input_details()
        for number in range(PICTURES):
            net.set_tensor(given["index"], picture(tuple(given["shape"]), number))
            net.invoke()
            for output in net.get_output_details():
                name = f"{file.stem}/{output['name']}/{number}".replace(":", "_")
                found[name] = net.get_tensor(output["index"])
    return found


def compare(one: Path, other: Path) -> int:
    ours, theirs = np.load(one), np.load(other)
    if sorted(ours.files) != sorted(theirs.files):
        sys.exit("they answer to different questions")
    worst = 0.0
    for name in ours.files:
        scale = max(1.0, float(np.abs(ours[name]).max()))
        difference = float(np.abs(ours[name] - theirs[name]).max()) / scale
        worst = max(worst, difference)
        print(f"{name:70} {difference:.2e}")
    print(f"{'largest':70} {worst:.2e}")
    return 0 if worst <= MOST else 1


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        sys.exit(compare(Path(sys.argv[2]), Path(sys.argv[3])))
    np.savez(sys.argv[1], **cast("dict[str, Any]", answers(Path(sys.argv[2]))))
