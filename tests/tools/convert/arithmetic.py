"""What the references compute with, in float64."""

import numpy as np


def softmax(x):
    """Over the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def relu(x):
    return np.maximum(x, 0)


class Draw:
    """Random variables that make outputs of one model differ by source."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(seed)

    def normal(self, shape, scale):
        values = self.generator.normal(size=shape) * scale
        return values.astype(np.float32)

    def matrix(self, shape, inputs, gain=1.0):
        return self.normal(shape, gain * inputs**-0.5)

    def vector(self, size):
        return self.normal((size,), 0.1)

    def scale(self, size):
        """Of a norm: with positive ones alone, outputs repeat one token."""
        sign = self.generator.choice([-1.0, 1.0], size=size)
        return (sign + self.normal((size,), 0.3)).astype(np.float32)

    def simplex(self, size):
        values = self.generator.random(size)
        return (values / values.sum()).astype(np.float32)
