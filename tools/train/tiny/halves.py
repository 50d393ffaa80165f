# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Stores the weights of an ONNX graph in half precision.

Half the size, while all arithmetic stays in single precision: a Cast follows
each weight, and ONNX Runtime folds the casts when it loads a graph.
"""

import numpy as np
import onnx
from onnx import helper, numpy_helper

SMALL = 64  # elements; what is smaller stays in single precision


def halve(path, exact=()):
    """Stores big float weights as float16, cast where they are used.

    The tensors named in `exact` stay as they are: tables are no weights, a
    network was not trained to bear their rounding.
    """
    model = onnx.load(path)
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if (values.dtype != np.float32 or values.size < SMALL
                or weight.name in exact):
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(
            values.astype(np.float16), name + "_fp16"))
        casts.append(helper.make_node("Cast", [name + "_fp16"], [name],
                                      name=name + "_cast",
                                      to=onnx.TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)
