"""MobileFaceNet as published → the same function for one image, with its PReLUs fused.

The published graph takes two images at once and spells PReLU as five operators,
``relu(x) + a · (x − |x|)``. For x < 0 that is 2a · x, so one PRELU with slope 2a gives the same
bits; it is written in the model file itself, without a training framework.
"""

from __future__ import annotations

from typing import Any

import ai_edge_litert.schema_py_generated as schema
import flatbuffers
import numpy as np

_OP = schema.BuiltinOperator


def rebuilt(content: bytes) -> bytes:
    """The model for a batch of one."""
    model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    (graph,) = model.subgraphs
    _fuse(model, graph)
    _batch_of_one(model, graph)
    _drop_unused(model, graph)
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _fuse(model: Any, graph: Any) -> None:
    """One PRELU for each relu, abs, sub, mul, add."""
    kind = [code.builtinCode or code.deprecatedBuiltinCode for code in model.operatorCodes]
    maker = {op.outputs[0]: op for op in graph.operators}

    def made_by(tensor: int, builtin: int) -> Any:
        op = maker.get(tensor)
        return op if op and kind[op.opcodeIndex] == builtin else None

    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = _OP.PRELU
    code.version = 1
    model.operatorCodes.append(code)
    kept: list[Any] = []
    for op in graph.operators:
        relu = made_by(op.inputs[0], _OP.RELU)
        mul = made_by(op.inputs[1], _OP.MUL) if len(op.inputs) > 1 else None
        if kind[op.opcodeIndex] == _OP.ADD and relu and mul:
            op = _prelu(model, graph, relu.inputs[0], mul.inputs[0], op.outputs[0])
        kept.append(op)
    parts = {_OP.RELU, _OP.ABS, _OP.SUB, _OP.MUL}
    graph.operators = [
        op for op in kept if op.opcodeIndex >= len(kind) or kind[op.opcodeIndex] not in parts
    ]


def _prelu(model: Any, graph: Any, source: int, half_slope: int, output: int) -> Any:
    tensor = graph.tensors[half_slope]
    slope = 2 * np.frombuffer(bytes(model.buffers[tensor.buffer].data), "<f4")
    model.buffers[tensor.buffer].data = np.frombuffer(slope.astype("<f4").tobytes(), np.uint8)
    tensor.shape = [1, 1, len(slope)]
    op = schema.OperatorT()
    op.opcodeIndex = len(model.operatorCodes) - 1
    op.inputs, op.outputs = [source, half_slope], [output]
    return op


def _batch_of_one(model: Any, graph: Any) -> None:
    constants = {i for i, t in enumerate(graph.tensors) if model.buffers[t.buffer].data is not None}
    for index, tensor in enumerate(graph.tensors):
        if index not in constants:
            tensor.shape = [1, *tensor.shape[1:]]
    (reshape,) = [op for op in graph.operators if op.builtinOptions and _new_shape(op) is not None]
    reshape.builtinOptions.newShape = _one(_new_shape(reshape))
    buffer = model.buffers[graph.tensors[reshape.inputs[1]].buffer]
    buffer.data = np.frombuffer(_one(np.frombuffer(bytes(buffer.data), "<i4")).tobytes(), np.uint8)


def _new_shape(op: Any) -> Any:
    return getattr(op.builtinOptions, "newShape", None)


def _one(shape: Any) -> Any:
    return np.array([1, *shape[1:]], "<i4")


def _drop_unused(model: Any, graph: Any) -> None:
    """Leave out the tensors and buffers of the operators that are gone."""
    used = sorted({int(i) for op in graph.operators for i in (*op.inputs, *op.outputs)})
    place = {old: new for new, old in enumerate(used)}
    for op in graph.operators:
        op.inputs = [place[int(i)] for i in op.inputs]
        op.outputs = [place[int(i)] for i in op.outputs]
    graph.inputs = [place[int(i)] for i in graph.inputs]
    graph.outputs = [place[int(i)] for i in graph.outputs]
    graph.tensors = [graph.tensors[i] for i in used]
    empty = schema.BufferT()
    buffers: list[Any] = [empty]
    for tensor in graph.tensors:
        content = model.buffers[tensor.buffer]
        tensor.buffer = 0 if content.data is None else len(buffers)
        if tensor.buffer:
            buffers.append(content)
    model.buffers = buffers
