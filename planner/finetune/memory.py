"""Memory that training takes: weights, gradients, optimizer states and activations, in GB of 10⁹ bytes.

Weights, gradients and Adam's states of mixed precision take 16 bytes a parameter (Rajbhandari et al. 2020, ZeRO,
arXiv:1910.02054, section 3.1). LoRA keeps the model frozen in 16 bits and trains adapters (Hu et al. 2021,
arXiv:2106.09685); QLoRA keeps it in 4 bits with quantization constants (Dettmers et al. 2023, arXiv:2305.14314).
Activations: Korthikanti et al. 2022, arXiv:2205.05198. Two factors on activations are measured, not derived: LitGPT
resource tables (revision 4839345, one A100, PyTorch 2.1), peak memory in training less that of the model alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from planner.finance.arguments import require, require_not_negative, require_positive

Method = Literal["full", "lora", "qlora"]
Precision = Literal["mixed", "pure"]
Recomputation = Literal["none", "selective", "full"]
Sharding = Literal["none", "full"]

GIGA = 1e9
LAYER_RATIO = 128
"""Width ÷ depth of a transformer whose shape is not given: GPT-3 175B 12,288 ÷ 96, Llama 7B 4,096 ÷ 32."""
HEAD_WIDTH = 128
"""Width of one attention head, as in both of them."""
QLORA_BITS = 4 + 0.127
"""NF4, and the quantization constants after double quantization (Dettmers et al. 2023, section 3)."""
GATED = 1.3
"""Activations of a gated model ÷ the formula: 1.29 to 1.30 for Llama 2 7B and 13B; 0.94 to 1.00 for two with GELU."""
QLORA_ACTIVATIONS = 1.23
"""Activations with QLoRA ÷ with LoRA, which 4-bit layers and their buffers add: 1.22 to 1.32 for four models."""


class State(NamedTuple):
    """Bytes that a trained parameter needs: its weight, its gradient and what Adam keeps."""

    weight: int
    gradient: int
    optimizer: int


STATES: dict[Precision, State] = {"mixed": State(2, 2, 12), "pure": State(2, 2, 4)}
"""mixed: 16-bit, with a 32-bit copy of the weight, momentum and variance, 16 bytes in all; pure: 16-bit throughout."""
FROZEN_BYTES: dict[Method, float] = {"full": 0.0, "lora": 2.0, "qlora": QLORA_BITS / 8}
"""Bytes of a parameter of the model beside its training."""


@dataclass(frozen=True)
class Shape:
    """The form of a transformer: what activations depend on beside the number of parameters.

    Attributes
    ----------
    layers : depth
    hidden : width of the residual stream
    heads : of attention, in a layer
    vocabulary : distinct tokens; 0 leaves the output layer out
    gated : whether its MLP has a gate (SwiGLU: Llama, Mistral, Qwen), which keeps more activations
    """

    layers: float
    hidden: float
    heads: float
    vocabulary: float = 128_000
    gated: bool = True

    @property
    def embeddings(self) -> float:
        """Parameters of the first and the last layer, which translate between tokens and the stream."""
        return 2.0 * self.vocabulary * self.hidden

    def __post_init__(self) -> None:
        require_positive(layers=self.layers, hidden=self.hidden, heads=self.heads)
        require_not_negative(vocabulary=self.vocabulary)


@dataclass(frozen=True)
class Memory:
    """GB on each GPU; `total_gb` is their sum."""

    weights_gb: float
    gradients_gb: float
    optimizer_gb: float
    activations_gb: float
    overhead_gb: float

    @property
    def total_gb(self) -> float:
        """What a GPU must hold."""
        return self.weights_gb + self.gradients_gb + self.optimizer_gb + self.activations_gb + self.overhead_gb


def typical_shape(parameters_b: float) -> Shape:
    """Shape with N = 12·layers·hidden² parameters (Kaplan et al. 2020), as wide for its depth as GPT-3.

    >>> shape = typical_shape(175)
    >>> round(shape.layers), round(shape.hidden), round(shape.heads)
    (96, 12313, 96)
    """
    require_positive(parameters_b=parameters_b)
    layers = (parameters_b * GIGA / (12 * LAYER_RATIO**2)) ** (1 / 3)
    return Shape(layers, layers * LAYER_RATIO, layers * LAYER_RATIO / HEAD_WIDTH)


def adapter_fraction(rank: float, hidden: float, matrices: Literal["all", "query_value"] = "all") -> float:
    """Parameters of LoRA adapters ÷ parameters of the model.

    A matrix of d × k gets rank·(d + k) parameters. A layer of 12·hidden² parameters has four of hidden × hidden and two
    of hidden × 4·hidden: all six get 18·rank·hidden, query and value alone 4·rank·hidden.

    >>> round(adapter_fraction(8, 4096), 5), round(adapter_fraction(4, 12288, "query_value") * 175e9 / 1e6)
    (0.00293, 19)
    """
    require_positive(rank=rank, hidden=hidden)
    require(matrices in ("all", "query_value"), "matrices", matrices, "all or query_value")
    return {"all": 18, "query_value": 4}[matrices] / 12 * rank / hidden


def activation_bytes(shape: Shape, tokens: float, sequence_tokens: float, recomputation: Recomputation) -> float:
    """Bytes of 16-bit activations that wait for the backward pass (Korthikanti et al. 2022, equations 1, 2 and 6).

    A layer keeps 34·tokens·hidden, and 5·heads·sequence for each token where attention scores are kept; selective
    recomputation (FlashAttention does the same) forgets these, full recomputation all but the layer's input of
    2·tokens·hidden, and then rebuilds one layer at a time. The output layer adds its inputs and 32-bit logits,
    4·tokens·(hidden + vocabulary); dropout of the embedding is left out. A gated model keeps `GATED` times as much.

    Parameters
    ----------
    tokens : in one micro-batch, sequences × sequence_tokens

    >>> gpt3 = Shape(96, 12288, 96, vocabulary=0, gated=False)
    >>> [round(activation_bytes(gpt3, 2048, 2048, how) / 1e9, 1) for how in ("none", "selective", "full")]
    [275.5, 82.2, 5.8]
    """
    scores = 5.0 * shape.heads * sequence_tokens / shape.hidden
    kept = {"none": 34 + scores, "selective": 34.0, "full": 2.0}[recomputation] * shape.layers
    rebuilt = 34.0 if recomputation == "full" else 0.0
    values = shape.hidden * (kept + rebuilt) + 4.0 * (shape.hidden + shape.vocabulary)
    return tokens * values * (GATED if shape.gated else 1.0)


def states_gb(
    parameters: float, trained: float, method: Method, precision: Precision, embeddings: float = 0.0
) -> tuple[float, float, float]:
    """GB of weights, gradients and optimizer states, over all GPUs.

    Parameters
    ----------
    embeddings : of the parameters, those of the first and the last layer, which qlora leaves in 16 bits

    >>> states_gb(7.5e9, 7.5e9, "full", "mixed")
    (15.0, 15.0, 90.0)
    """
    state = STATES[precision]
    kept = min(embeddings, parameters) if method == "qlora" else 0.0
    frozen = (parameters - kept) * FROZEN_BYTES[method] + kept * FROZEN_BYTES["lora"]
    weights = trained * state.weight + frozen
    return weights / GIGA, trained * state.gradient / GIGA, trained * state.optimizer / GIGA


def smallest_gpus(states: float, room_gb: float, sharding: Sharding) -> int | None:
    """Return the least GPUs that hold `states` GB, with `room_gb` on each beside activations, or None.

    >>> smallest_gpus(120, 70, "full"), smallest_gpus(120, 70, "none"), smallest_gpus(120, -1, "full")
    (2, None, None)
    """
    if room_gb <= 0 or (sharding == "none" and states > room_gb):
        return None
    return max(1, math.ceil(round(states / room_gb, 9)))
