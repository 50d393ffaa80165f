#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Writes the small networks of tests/data/onnx. Needs numpy and onnx 1.17 or
later; their output is committed, so that tests need neither.

The UNets share one formula, so that tests can compute the answer:

    out = sample * 0.5 + timestep * 0.001 + mean(encoder_hidden_states)

with the mean over tokens and width. What differs is what a test is about; those
with further inputs add mean(text_embeds) + control, the latter cell by cell.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

OUT = Path(__file__).parent / "onnx"
C, D = 4, 6


def const(name, value, dtype=np.float32):
    return numpy_helper.from_array(np.array(value, dtype), name)


def save(name, nodes, inputs, outputs, initializers=(), external=False):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
        producer_name="make-onnx.py",
    )
    onnx.checker.check_model(model)
    if external:
        (OUT / f"{name}.data").unlink(missing_ok=True)
        for tensor in model.graph.initializer:
            # what shapes are computed from must stay
            if tensor.data_type == T.FLOAT:
                onnx.external_data_helper.set_external_data(
                    tensor, f"{name}.data")
    onnx.save_model(model, OUT / f"{name}.onnx")


def value(name, dtype, shape):
    return helper.make_tensor_value_info(name, dtype, shape)


def unet(name, *, batch="batch", t_type=T.FLOAT, t_shape=("batch",),
         dtype=T.FLOAT, out_dtype=None, length="sequence", channels=C,
         names=None, extra=(), further=False, external=False):
    """A UNet by the formula above."""
    sample, timestep, states, out = names or (
        "sample", "timestep", "encoder_hidden_states", "out_sample")
    node = helper.make_node
    nodes = [
        node("Cast", [timestep], ["t"], to=T.FLOAT),
        node("Mul", ["t", "milli"], ["t_scaled"]),
        node("Reshape", ["t_scaled", "column"], ["t_column"]),
        node("Cast", [states], ["states_f"], to=T.FLOAT),
        node("ReduceMean", ["states_f"], ["mean"], axes=[1, 2], keepdims=1),
        node("Unsqueeze", ["mean", "last"], ["mean4"]),
        node("Cast", [sample], ["sample_f"], to=T.FLOAT),
        node("Mul", ["sample_f", "half"], ["half_sample"]),
        node("Add", ["half_sample", "t_column"], ["with_t"]),
        node("Add", ["with_t", "mean4"], ["sum"]),
        node("Cast", ["sum"], [out], to=out_dtype or dtype),
    ]
    if further:
        extra = [value("control", dtype, [batch, 1, "height", "width"]),
                 value("text_embeds", dtype, [batch, 3])]
        nodes[-2:] = [
            node("Add", ["with_t", "mean4"], ["with_e"]),
            node("Cast", ["text_embeds"], ["pooled_f"], to=T.FLOAT),
            node("ReduceMean", ["pooled_f"], ["pooled"], axes=[1], keepdims=0),
            node("Reshape", ["pooled", "column"], ["pooled4"]),
            node("Add", ["with_e", "pooled4"], ["with_pooled"]),
            node("Cast", ["control"], ["control_f"], to=T.FLOAT),
            node("Add", ["with_pooled", "control_f"], ["sum"]),
            nodes[-1],
        ]
    weights = [
        const("milli", 0.001), const("half", 0.5),
        const("column", [-1, 1, 1, 1], np.int64), const("last", [3], np.int64),
    ]
    shape = [batch, channels, "height", "width"]
    save(name, nodes, [
        value(sample, dtype, shape),
        value(timestep, t_type, list(t_shape)),
        value(states, dtype, [batch, length, D]),
        *extra,
    ], [value(out, out_dtype or dtype, shape)], weights, external)


def endless_body():
    """One of 2^62 rounds."""
    node = helper.make_node
    return helper.make_graph(
        [
            node("Identity", ["cond_in"], ["cond_out"]),
            node("Sin", ["x_in"], ["x_out"]),
        ],
        "body",
        [value("round", T.INT64, []), value("cond_in", T.BOOL, []),
         value("x_in", T.FLOAT, None)],
        [value("cond_out", T.BOOL, []), value("x_out", T.FLOAT, None)],
    )


def slow():
    """A UNet that never comes to an end by itself."""
    node = helper.make_node
    shape = ["batch", C, "height", "width"]
    save("unet-endless", [
        node("Cast", ["timestep"], ["t"], to=T.FLOAT),
        node("ReduceMean", ["encoder_hidden_states"], ["mean"], keepdims=0),
        node("Mul", ["t", "mean"], ["product"]),
        node("Add", ["sample", "product"], ["start"]),
        node("Loop", ["rounds", "", "start"], ["out_sample"],
             body=endless_body()),
    ], [
        value("sample", T.FLOAT, shape),
        value("timestep", T.INT64, ["steps"]),
        value("encoder_hidden_states", T.FLOAT, ["batch", "sequence", D]),
    ], [value("out_sample", T.FLOAT, shape)],
        [const("rounds", 2**62, np.int64)])


def wrong_size():
    """A UNet whose output is not of its input's size."""
    shape = ["batch", C, "height", "width"]
    save("unet-wrong-size", [
        helper.make_node("AveragePool", ["sample"], ["out_sample"],
                         kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Identity", ["timestep"], ["t"]),
        helper.make_node("Identity", ["encoder_hidden_states"], ["e"]),
    ], [
        value("sample", T.FLOAT, shape),
        value("timestep", T.FLOAT, []),
        value("encoder_hidden_states", T.FLOAT, ["batch", "sequence", D]),
    ], [value("out_sample", T.FLOAT, ["batch", C, "h2", "w2"]),
        value("t", T.FLOAT, []),
        value("e", T.FLOAT, ["batch", "sequence", D])])


def text_encoder(name, dtype, *, out_dtype=T.FLOAT, mask=False, width=D,
                 out="last_hidden_state"):
    """hidden[b, l, d] = id + d / 8, plus the mask's sum where there is one."""
    node = helper.make_node
    nodes = [
        node("Cast", ["input_ids"], ["ids"], to=T.FLOAT),
        node("Unsqueeze", ["ids", "last"], ["column"]),
        node("Add", ["column", "row"], ["hidden"]),
    ]
    inputs = [value("input_ids", dtype, ["batch", "sequence"])]
    result = "hidden"
    if mask:
        inputs.insert(0, value("attention_mask", T.INT64,
                               ["batch", "sequence"]))
        nodes += [
            node("Cast", ["attention_mask"], ["mask"], to=T.FLOAT),
            node("ReduceSum", ["mask"], ["sum"], keepdims=0),
            node("Add", ["hidden", "sum"], ["masked"]),
        ]
        result = "masked"
    nodes += [
        node("ReduceMean", ["hidden"], ["pooler_output"], axes=[1],
             keepdims=0),
        node("Cast", [result], [out], to=out_dtype),
    ]
    save(name, nodes, inputs, [
        value("pooler_output", T.FLOAT, ["batch", width]),
        value(out, out_dtype, ["batch", "sequence", width]),
    ], [const("last", [2], np.int64), const("row", np.arange(width) / 8)])


def vae(name, ins, outs, scale, *, dtype=T.FLOAT, batch="batch",
        out="sample", named=True, noise=False):
    """out[o] = in[o % ins] * (o + 1) / 4, repeated or averaged by @scale."""
    node = helper.make_node
    weight = np.zeros((outs, ins, 1, 1), np.float32)
    for o in range(outs):
        weight[o, o % ins] = (o + 1) / 4
    nodes = [node("Cast", ["in"], ["x"], to=T.FLOAT)]
    if scale > 1:
        nodes += [
            node("Conv", ["x", "w"], ["y"]),
            node("Resize", ["y", "", "scales"], ["z"], mode="nearest",
                 coordinate_transformation_mode="asymmetric",
                 nearest_mode="floor"),
        ]
    else:
        nodes += [
            node("AveragePool", ["x"], ["y"], kernel_shape=[-scale] * 2,
                 strides=[-scale] * 2),
            node("Conv", ["y", "w"], ["z"]),
        ]
    nodes.append(node("Cast", ["z"], [out], to=dtype))
    weights = [const("w", weight)]
    if scale > 1:
        weights.append(const("scales", [1, 1, scale, scale]))
    save(name, nodes,
         [value("in", dtype, [batch, ins, "h", "w"])],
         [value(out, dtype, [batch, outs if named else "channels", "h8",
                             "w8"])], weights)


def slow_vae():
    """A decoder that never comes to an end by itself."""
    node = helper.make_node
    save("vae-decode-endless", [
        node("Loop", ["rounds", "", "in"], ["out"], body=endless_body()),
    ], [value("in", T.FLOAT, ["batch", C, "h", "w"])],
        [value("out", T.FLOAT, ["batch", 3, "h", "w"])],
        [const("rounds", 2**62, np.int64)])


def main():
    OUT.mkdir(exist_ok=True)
    steps = ("steps",)
    unet("unet-scalar", t_shape=())
    unet("unet-scalar-f64", t_shape=(), t_type=T.DOUBLE)
    unet("unet-one", t_shape=(1,))
    unet("unet-steps-i64", t_shape=steps, t_type=T.INT64)
    unet("unet-batch-f32")
    unet("unet-batch-i64", t_type=T.INT64)
    unet("unet-batch-i32", t_type=T.INT32)
    unet("unet-unnamed", t_shape=(None,))
    unet("unet-external", external=True)
    unet("unet-f16", dtype=T.FLOAT16, t_type=T.FLOAT16)
    unet("unet-f16-to-f32", dtype=T.FLOAT16, out_dtype=T.FLOAT)
    unet("unet-f32-to-f16", out_dtype=T.FLOAT16)
    unet("unet-rows-2-f16", dtype=T.FLOAT16, batch=2, t_shape=(2,))
    unet("unet-rows-2", batch=2, t_shape=(2,))
    unet("unet-rows-2-scalar", batch=2, t_shape=())
    unet("unet-other-names", names=("x", "when", "context", "eps"),
         t_type=T.INT64)
    unet("unet-77-tokens", length=77)
    unet("unet-9-channels", channels=9)
    unet("unet-t-bool", t_type=T.BOOL)
    unet("unet-t-uint8", t_type=T.UINT8)
    unet("unet-t-matrix", t_shape=("batch", 1))
    unet("unet-sdxl", extra=[value("text_embeds", T.FLOAT, ["batch", 8]),
                             value("time_ids", T.FLOAT, ["batch", 6])])
    unet("unet-controlled", extra=[value("control", T.FLOAT, ["batch", 8])])
    unet("unet-f64", dtype=T.DOUBLE)
    unet("unet-further", further=True)
    unet("unet-further-f16", dtype=T.FLOAT16, further=True)
    unet("unet-further-rows-2", batch=2, t_shape=(2,), further=True)
    slow()
    wrong_size()

    text_encoder("text-i32", T.INT32)
    text_encoder("text-i64", T.INT64)
    text_encoder("text-f16", T.INT64, out_dtype=T.FLOAT16)
    text_encoder("text-mask", T.INT32, mask=True, out="hidden_states")
    text_encoder("text-float-ids", T.FLOAT)

    vae("vae-decode", C, 3, 2)
    vae("vae-decode-row", C, 3, 2, batch=1)
    vae("vae-decode-f16", C, 3, 2, dtype=T.FLOAT16)
    vae("vae-decode-pairs", C, 3, 2, batch=2)
    slow_vae()
    vae("vae-encode", 3, C, -2, out="latent_sample", named=False)
    vae("vae-encode-parameters", 3, 2 * C, -2, out="latent_parameters",
        named=False)
    vae("vae-encode-named", 3, 2 * C, -2, out="moments")
    vae("vae-encode-f16", 3, 2 * C, -2, out="latent_parameters",
        dtype=T.FLOAT16)
    return 0


if __name__ == "__main__":
    sys.exit(main())
