"""A trained reader as an ONNX file with weights of eight bits. Needs onnx and onnxruntime."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from benchmarks.events.encoder_training import EPSILON, HEADS, PLACES, WIDTH, Base, Layer, Reader
from benchmarks.events.lessons import KINDS


def onnx_bytes(base: Base, reader: Reader) -> bytes:
    """The model: ids (pieces), mean (segments, pieces), first (segments) to scores."""
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder, "plain.onnx"), Path(folder, "small.onnx")
        onnx.save(_Graph().model(base, reader), plain)
        # Seven of the eight bits: processors without VNNI would overflow with all.
        quantize_dynamic(
            plain,
            small,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=["last"],
        )
        return small.read_bytes()


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray | torch.Tensor) -> str:
        if isinstance(value, torch.Tensor):
            value = value.detach().numpy().astype(np.float32)
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, name: str, *inputs: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def linear(self, name: str, x: str, weight: torch.Tensor, bias: torch.Tensor) -> str:
        product = self.node("MatMul", f"{name}.product", x, self.constant(f"{name}.w", weight.T))
        return self.node("Add", name, product, self.constant(f"{name}.b", bias))

    def norm(self, name: str, x: str, weight: torch.Tensor, bias: torch.Tensor) -> str:
        by = [self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)]
        return self.node("LayerNormalization", name, x, *by, axis=-1, epsilon=EPSILON)

    def model(self, base: Base, reader: Reader) -> onnx.ModelProto:
        at = "embeddings."
        places = base.tensors[at + "position_embeddings.weight"][:PLACES]
        places = places + base.tensors[at + "token_type_embeddings.weight"][0]
        pieces = self.constant("pieces", base.tensors[at + "word_embeddings.weight"])
        zero = self.constant("zero", np.array([0], np.int64))
        length = self.node("Shape", "length", "ids")
        word = self.node("Gather", "word", pieces, "ids")
        place = self.node("Slice", "place", self.constant("places", places), zero, length, zero)
        x = self.node("Add", "placed", word, place)
        names = (f"{at}LayerNorm.weight", f"{at}LayerNorm.bias")
        x = self.norm("embedded", x, *(base.tensors[name] for name in names))
        self.constant("scale", np.array((WIDTH // HEADS) ** -0.5, np.float32))
        self.constant("heads", np.array([0, HEADS, WIDTH // HEADS], np.int64))
        self.constant("flat", np.array([0, WIDTH], np.int64))
        for number, layer in enumerate(reader.layers):
            x = self.layer(f"layer{number}", x, layer)
        mean = self.node("MatMul", "of_segments", "mean", x)
        first = self.node("Gather", "beginnings", x, "first")
        whole = self.node("ReduceMean", "whole", x, zero, keepdims=1)
        whole = self.node("Expand", "wholes", whole, self.node("Shape", "like", mean))
        joined = self.node("Concat", "joined", mean, first, whole, axis=1)
        last = self.constant("head.w", reader.head.weight.T)
        product = self.node("MatMul", "last", joined, last)
        self.node("Add", "scores", product, self.constant("head.b", reader.head.bias))
        value, whole_number = TensorProto.FLOAT, TensorProto.INT64
        inputs = [
            helper.make_tensor_value_info("ids", whole_number, ["pieces_read"]),
            helper.make_tensor_value_info("mean", value, ["segments", "pieces_read"]),
            helper.make_tensor_value_info("first", whole_number, ["segments"]),
        ]
        outputs = [helper.make_tensor_value_info("scores", value, ["segments", len(KINDS)])]
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        onnx.checker.check_model(model)
        return model

    def layer(self, name: str, x: str, layer: Layer) -> str:
        turned = {"query": [1, 0, 2], "key": [1, 2, 0], "value": [1, 0, 2]}
        parts = []
        for number, (part, order) in enumerate(turned.items()):
            rows = slice(number * WIDTH, (number + 1) * WIDTH)
            made = self.linear(f"{name}.{part}", x, layer.qkv.weight[rows], layer.qkv.bias[rows])
            made = self.node("Reshape", f"{made}.heads", made, "heads")
            parts.append(self.node("Transpose", f"{made}.turned", made, perm=order))
        query, key, value = parts
        weights = self.node("MatMul", f"{name}.alike", query, key)
        weights = self.node("Mul", f"{name}.scaled", weights, "scale")
        weights = self.node("Softmax", f"{name}.weights", weights, axis=-1)
        mixed = self.node("MatMul", f"{name}.mixed", weights, value)
        mixed = self.node("Transpose", f"{name}.mixed.turned", mixed, perm=[1, 0, 2])
        mixed = self.node("Reshape", f"{name}.mixed.flat", mixed, "flat")
        mixed = self.linear(f"{name}.out", mixed, layer.out.weight, layer.out.bias)
        x = self.node("Add", f"{name}.sum1", x, mixed)
        x = self.norm(f"{name}.norm1", x, layer.norm1.weight, layer.norm1.bias)
        inner = self.linear(f"{name}.up", x, layer.up.weight, layer.up.bias)
        inner = self.node("Gelu", f"{name}.gelu", inner, approximate="tanh")
        inner = self.linear(f"{name}.down", inner, layer.down.weight, layer.down.bias)
        x = self.node("Add", f"{name}.sum2", x, inner)
        return self.norm(f"{name}.norm2", x, layer.norm2.weight, layer.norm2.bias)
