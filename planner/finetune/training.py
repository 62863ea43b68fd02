"""Hours and memory of a fine-tuning run, from the size of the model, its data, the method and the GPU.

Compute counts the model's own floating-point operations (FLOPs): training one token costs 2 FLOPs per parameter
forward, 2 backward to the activations and 2 backward to the weights, 6·N·D in all (Kaplan et al. 2020,
arXiv:2001.08361, section 2.1; Hoffmann et al. 2022, arXiv:2203.15556). Adapters leave the weights frozen: the gradient
must still travel through them to reach the adapters of lower layers, but none is taken with respect to them, which
leaves 4·N·D, and 6 FLOPs for each parameter of the adapters.

Time is FLOPs ÷ (peak × MFU). MFU, model FLOPs utilization, is the share of the peak at which the model's own FLOPs are
done (Chowdhery et al. 2022, arXiv:2204.02311, section 4.1): what is computed twice to save memory does not count. So
recomputation lowers the MFU that a run reaches; it is not added to the hours a second time. Memory: see memory.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from planner.finance.arguments import require, require_not_negative, require_positive
from planner.finetune.gpus import TrainingGpu
from planner.finetune.memory import (
    FROZEN_BYTES,
    GIGA,
    QLORA_ACTIVATIONS,
    STATES,
    Memory,
    Method,
    Precision,
    Recomputation,
    Shape,
    Sharding,
    activation_bytes,
    smallest_gpus,
    states_gb,
    typical_shape,
)
from planner.units import SECONDS_PER_HOUR, TOKENS_PER_MTOK

TERA = 1e12
DEQUANTIZATION = 1.6
"""Hours of QLoRA ÷ hours of LoRA: 1.15, 1.51, 1.62 and 2.05 for models of 1.3, 3, 7 and 13 · 10⁹ parameters
(LitGPT resource tables, revision 4839345, one A100, nf4-dq against bf16)."""


@dataclass(frozen=True)
class Estimate:
    """What a run takes.

    Attributes
    ----------
    model_flops : of all epochs, without recomputation
    gpu_hours : over all GPUs
    wall_hours : gpu_hours ÷ gpus; supposes that the MFU holds on so many
    most_mfu_fraction : at which the GPU does as much as its peak, recomputation counted, dequantization not
    attention_fraction : FLOPs of attention scores ÷ 6·N: what long sequences would add; not counted
    memory : on each of the GPUs asked for
    memory_gb_per_gpu : its total
    fits : whether every GPU holds it
    smallest_gpus : least GPUs that hold it; None where no number does
    """

    model_flops: float
    gpu_hours: float
    wall_hours: float
    most_mfu_fraction: float
    attention_fraction: float
    memory: Memory
    memory_gb_per_gpu: float
    fits: bool
    smallest_gpus: int | None


def flops_per_token(parameters: float, trained: float, method: Method) -> float:
    """FLOPs of the model for one token of training.

    6·N where all is trained; 4·N + 6·A with A parameters in adapters, as no gradient of the N weights is taken.

    >>> flops_per_token(7e9, 7e9, "full"), flops_per_token(7e9, 7e7, "lora")
    (42000000000.0, 28420000000.0)
    """
    return 6.0 * parameters if method == "full" else 4.0 * parameters + 6.0 * trained


def estimate_training(
    parameters_b: float,
    tokens_m: float,
    method: Method,
    gpu: TrainingGpu,
    gpus: int,
    mfu_fraction: float,
    *,
    trainable_fraction: float | None = None,
    precision: Precision = "mixed",
    epochs: float = 1.0,
    sequence_tokens: int = 2048,
    micro_batch: int = 1,
    recomputation: Recomputation = "selective",
    sharding: Sharding = "full",
    overhead_fraction: float = 0.1,
    shape: Shape | None = None,
) -> Estimate:
    """Hours and memory of one run; the docstrings of this module and of memory.py have formulas and sources.

    Parameters
    ----------
    parameters_b : 10⁹ parameters of the model, all used for every token (no mixture of experts)
    tokens_m : 10⁶ tokens of one epoch, padding included
    method : full, lora or qlora
    gpu : memory and peak of one GPU
    gpus : that work together
    mfu_fraction : share of the peak, above 0 and at most 1, measured or assumed; of qlora without dequantization
    trainable_fraction : parameters of the adapters ÷ parameters of the model (see adapter_fraction); with full, 1
    precision : mixed (16 bytes a trained parameter) or pure (8)
    epochs : times that the data are read
    sequence_tokens : length of a sequence
    micro_batch : sequences that one GPU works on at a time
    recomputation : none, selective or full; changes memory, and the MFU that can be reached and is measured
    sharding : full, weights and states divided among the GPUs (ZeRO stage 3); none, each holds them whole
    overhead_fraction : of all that, for buffers, gathered layers and fragments
    shape : of the transformer; unset: as wide for its depth as GPT-3, gated, a vocabulary of 128,000

    Raises
    ------
    ValueError
        when a number is out of its range, a word is none of those above, or the MFU asks more of the GPU than its peak.

    Examples
    --------
    >>> a100 = TrainingGpu("a100-sxm-80gb", 80, 312)
    >>> run = estimate_training(7, 100, "full", a100, 8, 0.4)
    >>> round(run.gpu_hours, 3), run.fits, run.smallest_gpus
    (9.348, True, 2)
    """
    _check_numbers(gpus=gpus, sequence_tokens=sequence_tokens, micro_batch=micro_batch)
    _check_words(method=method, precision=precision, recomputation=recomputation, sharding=sharding)
    require_positive(parameters_b=parameters_b, tokens_m=tokens_m, epochs=epochs, mfu_fraction=mfu_fraction)
    require_positive(memory_gb=gpu.memory_gb, peak_16bit_tflops=gpu.peak_16bit_tflops)
    require_not_negative(overhead_fraction=overhead_fraction)
    require(mfu_fraction <= 1, "mfu_fraction", mfu_fraction, "at most 1")
    shape = shape or typical_shape(parameters_b)
    parameters = parameters_b * GIGA
    trained = _trained(parameters, method, trainable_fraction)

    scores = 4.0 * shape.layers * shape.hidden * sequence_tokens
    per_token = flops_per_token(parameters, trained, method)
    forward = 2.0 * (parameters + (0.0 if method == "full" else trained))
    again = forward if recomputation == "full" else 0.0
    most = per_token / (per_token + again)
    allowed = f"at most {most:.3f} with {recomputation} recomputation"
    require(mfu_fraction <= most * (1 + 1e-12), "mfu_fraction", mfu_fraction, allowed)
    model_flops = per_token * tokens_m * TOKENS_PER_MTOK * epochs
    slower = DEQUANTIZATION if method == "qlora" else 1.0
    gpu_hours = model_flops * slower / (gpu.peak_16bit_tflops * TERA * mfu_fraction * SECONDS_PER_HOUR)

    states = states_gb(parameters, trained, method, precision, shape.embeddings)
    activations = activation_bytes(shape, micro_batch * sequence_tokens, sequence_tokens, recomputation) / GIGA
    activations *= QLORA_ACTIVATIONS if method == "qlora" else 1.0
    share = gpus if sharding == "full" else 1
    weights, gradients, optimizer = (part / share for part in states)
    overhead = overhead_fraction * (weights + gradients + optimizer + activations)
    memory = Memory(weights, gradients, optimizer, activations, overhead)
    smallest = smallest_gpus(sum(states), gpu.memory_gb / (1 + overhead_fraction) - activations, sharding)
    return Estimate(
        model_flops=model_flops,
        gpu_hours=gpu_hours,
        wall_hours=gpu_hours / gpus,
        most_mfu_fraction=most,
        attention_fraction=3.0 * scores / (6.0 * parameters),
        memory=memory,
        memory_gb_per_gpu=memory.total_gb,
        fits=smallest is not None and smallest <= gpus,
        smallest_gpus=smallest,
    )


def _check_numbers(**counts: float) -> None:
    """Every keyword is a whole number, 1 or more."""
    for name, count in counts.items():
        require(math.isfinite(count) and count >= 1 and count == int(count), name, count, "a whole number, 1 or more")


def _check_words(**words: str) -> None:
    """Every keyword is one of the words that it may be."""
    allowed = {
        "method": tuple(FROZEN_BYTES),
        "precision": tuple(STATES),
        "recomputation": ("none", "selective", "full"),
        "sharding": ("none", "full"),
    }
    for name, word in words.items():
        require(word in allowed[name], name, word, ", ".join(allowed[name]))


def _trained(parameters: float, method: Method, fraction: float | None) -> float:
    """Return the number of parameters that are trained."""
    if method == "full":
        require(fraction in (None, 1), "trainable_fraction", fraction, "1 or nothing with method full")
        return parameters
    allowed = f"above 0 and at most 1 with method {method}; rank 16 on all matrices of 7 · 10⁹ parameters has 0.006"
    require(fraction is not None and 0 < fraction <= 1, "trainable_fraction", fraction, allowed)
    return parameters * (fraction or 0.0)
