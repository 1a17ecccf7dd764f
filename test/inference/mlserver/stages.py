"""A two-stage pipeline for MLServer: detect halves an image's width, classify tells its mean's decile, video calls both in turn.

A request is one image, height x width x 3. MLServer's adaptive batching stacks the images of several requests along
the first axis, and splits the output along it again, so a stage keeps its length.
"""

import asyncio
import json
import time
import urllib.request

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse

HEIGHT = 32
SEEN = {"detect": [], "classify": []}


class Stage(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        rows = self.decode(payload.inputs[0], default_codec=NumpyCodec)
        outputs = self.work(rows)
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output("out", outputs)], id=payload.id
        )


class Detect(Stage):
    def work(self, rows):
        images = rows.shape[0] // HEIGHT
        SEEN["detect"].append(images)
        time.sleep(0.01 + 0.002 * images)
        return rows[:, ::2, :].astype(np.int32)


class Classify(Stage):
    def work(self, rows):
        images = rows.shape[0] // HEIGHT
        SEEN["classify"].append(images)
        time.sleep(0.005 + 0.001 * images)
        means = rows.reshape(images, -1).mean(axis=1)
        return np.repeat((means // 25.6).astype(np.int32), HEIGHT)


class Seen(Stage):
    """The sizes of the batches that the stages were given."""

    async def predict(self, payload):
        text = json.dumps(SEEN)
        codes = np.frombuffer(text.encode(), dtype=np.uint8).astype(np.int32)
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("seen", codes)])


class Video(MLModel):
    async def load(self):
        self.port = int(self.settings.parameters.extra["port"])
        return True

    async def predict(self, payload):
        given = payload.inputs[0]
        rows = self.decode(given, default_codec=NumpyCodec)
        crops = await self.call("detect", rows)
        classes = await self.call("classify", crops)
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output("class", classes[:1])], id=payload.id
        )

    async def call(self, model, rows):
        body = json.dumps(
            {
                "inputs": [
                    {
                        "name": "parameters-np",
                        "shape": list(rows.shape),
                        "datatype": "INT32",
                        "data": rows.flatten().tolist(),
                        "parameters": {"content_type": "np"},
                    }
                ]
            }
        ).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v2/models/{model}/infer", body, {"content-type": "application/json"}
        )
        answer = await asyncio.to_thread(lambda: json.load(urllib.request.urlopen(request)))
        output = answer["outputs"][0]
        return np.array(output["data"], dtype=np.int32).reshape(output["shape"])
