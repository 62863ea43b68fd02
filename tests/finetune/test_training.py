"""Hours and memory of a run: worked by hand, laws, what was measured elsewhere, and bad arguments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog.checks import doubts
from planner.errors import InputError, Place
from planner.finetune.gpus import TrainingGpu, training_gpu
from planner.finetune.memory import Shape, activation_bytes, adapter_fraction, typical_shape
from planner.finetune.training import Estimate, estimate_training
from tests.shipped import shipped_catalog

SHIPPED = shipped_catalog()
DAY = date(2026, 11, 21)
A100 = TrainingGpu("a100-sxm-80gb", 80, 312)
LLAMA_7B, LLAMA_13B = Shape(32, 4096, 32, 32_000), Shape(40, 5120, 40, 32_000)
STABLE_3B, PHI = Shape(16, 4096, 32, 50_432, gated=False), Shape(24, 2048, 32, 51_200, gated=False)


def run(**changes: Any) -> Estimate:
    given: dict[str, Any] = {"parameters_b": 7, "tokens_m": 100, "method": "full", "gpu": A100, "gpus": 8,
                             "mfu_fraction": 0.4} | changes  # fmt: skip
    if given["method"] != "full":
        given.setdefault("trainable_fraction", 0.01)
    return estimate_training(**given)


def test_full_training_takes_six_flops_per_parameter_and_token() -> None:
    found = run(epochs=2)
    assert found.model_flops == 6 * 7e9 * 200e6 == 8.4e18
    assert found.gpu_hours == pytest.approx(8.4e18 / (312e12 * 0.4 * 3600))  # 18.70
    assert found.wall_hours == pytest.approx(18.696581 / 8)


def test_gpt3_took_3640_petaflop_days() -> None:
    """Brown et al. 2020, table D.1: 174.6 · 10⁹ parameters, 300 · 10⁹ tokens, 3.14e23 FLOPs."""
    assert run(parameters_b=174.6, tokens_m=300_000).model_flops == pytest.approx(3.14e23, rel=0.002)


def test_adapters_take_four_flops_and_six_for_their_own() -> None:
    assert run(method="lora").model_flops == pytest.approx((4 * 7e9 + 6 * 7e7) * 100e6)
    assert run(method="qlora").model_flops == run(method="lora").model_flops
    assert run(method="qlora").gpu_hours == pytest.approx(1.6 * run(method="lora").gpu_hours)


def test_what_attention_would_add_is_told() -> None:
    """12 · layers · hidden · sequence a token: s ÷ (6 · hidden) of 6 · N with 12 · layers · hidden² parameters."""
    shape = Shape(32, 4096, 32)
    parts = {"parameters_b": 12 * 32 * 4096**2 / 1e9, "shape": shape, "sequence_tokens": 8192}
    assert run(**parts).attention_fraction == pytest.approx(8192 / (6 * 4096))


def test_recomputation_changes_memory_and_the_most_mfu_and_not_the_hours() -> None:
    whole, again = run(recomputation="none"), run(recomputation="full")
    assert whole.gpu_hours == again.gpu_hours
    assert (whole.most_mfu_fraction, again.most_mfu_fraction) == pytest.approx((1, 6 / 8))
    adapters = run(recomputation="full", method="lora", trainable_fraction=1e-9)
    assert adapters.most_mfu_fraction == pytest.approx(4 / 6)
    assert whole.memory.activations_gb > run().memory.activations_gb > again.memory.activations_gb


def test_no_gpu_does_more_than_its_peak() -> None:
    assert run(recomputation="full", mfu_fraction=0.75)
    with pytest.raises(ValueError, match=r"mfu_fraction: found 0.76, allowed is at most 0.750 with full recomputation"):
        run(recomputation="full", mfu_fraction=0.76)


def test_mixed_precision_adam_takes_sixteen_bytes_a_parameter() -> None:
    """Rajbhandari et al. 2020, figure 1: 7.5 · 10⁹ parameters take 120 GB, 1.9 GB on each of 64 GPUs."""
    one = run(parameters_b=7.5, gpus=1).memory
    assert (one.weights_gb, one.gradients_gb, one.optimizer_gb) == (15, 15, 90)
    shared = run(parameters_b=7.5, gpus=64).memory
    assert shared.weights_gb + shared.gradients_gb + shared.optimizer_gb == pytest.approx(1.875)
    assert shared.activations_gb == one.activations_gb
    assert run(parameters_b=7.5, gpus=64, sharding="none").memory == one


def test_frozen_weights_take_two_bytes_and_quantized_ones_a_half() -> None:
    bare = Shape(32, 4096, 32, vocabulary=0)
    lora, qlora = run(method="lora", shape=bare, gpus=1).memory, run(method="qlora", shape=bare, gpus=1).memory
    assert lora.weights_gb == pytest.approx(14 + 0.14)
    assert qlora.weights_gb == pytest.approx(7 * 4.127 / 8 + 0.14)
    assert lora.optimizer_gb == qlora.optimizer_gb == pytest.approx(0.84)
    embedded = run(method="qlora", shape=replace(bare, vocabulary=100_000), gpus=1).memory
    assert embedded.weights_gb - qlora.weights_gb == pytest.approx(0.8192 * (2 - 4.127 / 8))


def test_activations_of_gpt3_by_hand() -> None:
    """34 + 5·96·2048/12288 = 114 bytes of s·h; with 96 layers, 2048 · 12288 · 114 · 96; the output adds 4·s·h."""
    shape = Shape(96, 12288, 96, vocabulary=0, gated=False)
    sh = 2048 * 12288
    assert activation_bytes(shape, 2048, 2048, "none") == sh * (114 * 96 + 4)
    assert activation_bytes(shape, 2048, 2048, "selective") == sh * (34 * 96 + 4)
    assert activation_bytes(shape, 2048, 2048, "full") == sh * (2 * 96 + 34 + 4)
    assert activation_bytes(replace(shape, vocabulary=50_000), 10, 10, "none") - activation_bytes(
        shape, 10, 10, "none"
    ) == pytest.approx(4 * 10 * 50_000)


@pytest.mark.parametrize(("parameters_b", "trained", "method", "shape", "tokens", "batch", "gb", "tolerance"), [
    (6.738, 4_194_304, "lora", LLAMA_7B, 1304, 1, 21.30, 0.03),
    (6.738, 4_194_304, "lora", LLAMA_7B, 1304, 2, 29.07, 0.03),
    (13.016, 6_553_600, "lora", LLAMA_13B, 1304, 1, 38.12, 0.03),
    (3.638, 2_097_152, "lora", STABLE_3B, 1034, 1, 9.69, 0.03),
    (3.638, 2_097_152, "lora", STABLE_3B, 1034, 4, 16.92, 0.03),
    (1.418, 1_572_864, "lora", PHI, 1044, 1, 4.82, 0.03),
    (1.418, 1_572_864, "lora", PHI, 1044, 4, 10.68, 0.03),
    (6.738, 4_194_304, "qlora", LLAMA_7B, 1304, 1, 13.84, 0.1),
    (13.016, 6_553_600, "qlora", LLAMA_13B, 1304, 1, 22.55, 0.1),
    (3.638, 2_097_152, "qlora", STABLE_3B, 1034, 1, 6.19, 0.1),
    (1.418, 1_572_864, "qlora", PHI, 1044, 1, 3.72, 0.1),
])  # fmt: skip
def test_memory_is_near_what_was_measured(
    parameters_b: float,
    trained: int,
    method: str,
    shape: Shape,
    tokens: int,
    batch: int,
    gb: float,
    tolerance: float,
) -> None:
    """LitGPT resource tables, revision 4839345: one A100, bf16-true and nf4-dq, no checkpoints of activations."""
    found = run(parameters_b=parameters_b, trainable_fraction=trained / parameters_b / 1e9, method=method, shape=shape,
                sequence_tokens=tokens, micro_batch=batch, gpus=1, precision="pure", overhead_fraction=0)  # fmt: skip
    assert found.memory_gb_per_gpu == pytest.approx(gb, rel=tolerance)


def test_a_65b_model_trains_with_qlora_where_full_training_needs_780_gb() -> None:
    """Dettmers et al. 2023: one GPU of 48 GB, against more than 780 GB."""
    shape, gpu = Shape(80, 8192, 64, 32_000), TrainingGpu("a40", 48, 149.7)
    parts = {
        "parameters_b": 65.2,
        "shape": shape,
        "gpu": gpu,
        "gpus": 1,
        "recomputation": "full",
        "sequence_tokens": 512,
    }
    assert run(method="qlora", trainable_fraction=adapter_fraction(64, 8192), precision="pure", **parts).fits
    assert sum(vars(run(**parts).memory).values()) > 780


def test_adapters_of_known_models() -> None:
    """Llama 2 7B: 19,988,480 parameters at rank 8 on all matrices; GPT-3 175B: 18.9 million at rank 4 on two."""
    assert adapter_fraction(8, 4096) * 6.738e9 == pytest.approx(19_988_480, rel=0.02)
    assert adapter_fraction(4, 12288, "query_value") * 174.6e9 == pytest.approx(18.9e6, rel=0.01)
    with pytest.raises(ValueError, match="matrices: found some, allowed is all or query_value"):
        adapter_fraction(8, 4096, "some")  # type: ignore[arg-type]


def test_typical_shapes_are_near_real_ones() -> None:
    for parameters_b, layers, hidden in ((6.7, 32, 4096), (13, 40, 5120), (175, 96, 12288)):
        shape = typical_shape(parameters_b)
        assert (shape.layers, shape.hidden) == pytest.approx((layers, hidden), rel=0.04)


@settings(max_examples=60, deadline=None)
@given(parameters_b=st.floats(0.1, 500), method=st.sampled_from(["full", "lora", "qlora"]), batch=st.integers(1, 8),
       sharding=st.sampled_from(["full", "none"]))  # fmt: skip
def test_the_smallest_number_of_gpus_fits_and_one_less_does_not(
    parameters_b: float, method: str, batch: int, sharding: str
) -> None:
    parts: dict[str, Any] = {"parameters_b": parameters_b, "method": method, "micro_batch": batch, "sharding": sharding}
    least = run(**parts).smallest_gpus
    if least is None:
        assert not run(**parts, gpus=1_000_000).fits
        return
    fits = run(**parts, gpus=least)
    assert fits.fits and fits.memory_gb_per_gpu <= 80 * (1 + 1e-9)
    if least > 1:
        short = run(**parts, gpus=least - 1)
        assert not short.fits and short.memory_gb_per_gpu > 80


@settings(max_examples=60, deadline=None)
@given(times=st.floats(1.01, 50), method=st.sampled_from(["full", "lora", "qlora"]))
def test_hours_scale_with_tokens_and_epochs_and_fall_with_mfu_and_peak(times: float, method: str) -> None:
    once = run(method=method, mfu_fraction=0.01)
    for changes in ({"tokens_m": 100 * times}, {"epochs": times}, {"parameters_b": 7 * times}):
        assert run(method=method, mfu_fraction=0.01, **changes).gpu_hours == pytest.approx(once.gpu_hours * times)
    for changes in ({"mfu_fraction": 0.01 * times}, {"gpu": replace(A100, peak_16bit_tflops=312 * times)}):
        faster = run(**({"method": method, "mfu_fraction": 0.01} | changes))
        assert faster.gpu_hours == pytest.approx(once.gpu_hours / times)
    assert run(method=method, mfu_fraction=0.01, gpus=16).gpu_hours == once.gpu_hours


def test_methods_in_order_of_memory() -> None:
    full, lora, qlora = (
        run(method=method, gpus=1, recomputation="full").memory_gb_per_gpu for method in ("full", "lora", "qlora")
    )
    assert full > 5 * lora > 8 * qlora


def test_one_sequence_too_long_fits_on_no_number_of_gpus() -> None:
    found = run(sequence_tokens=1_000_000)
    assert (found.fits, found.smallest_gpus) == (False, None)


@pytest.mark.parametrize(("changes", "message"), [
    ({"parameters_b": 0}, "parameters_b: found 0, allowed is a finite number above 0"),
    ({"tokens_m": -1}, "tokens_m: found -1"),
    ({"epochs": float("nan")}, "epochs: found nan"),
    ({"method": "prefix"}, "method: found prefix, allowed is full, lora, qlora"),
    ({"precision": "fp8"}, "precision: found fp8, allowed is mixed, pure"),
    ({"recomputation": "some"}, "recomputation: found some, allowed is none, selective, full"),
    ({"sharding": "some"}, "sharding: found some"),
    ({"gpus": 0}, "gpus: found 0, allowed is a whole number, 1 or more"),
    ({"gpus": 1.5}, "gpus: found 1.5"),
    ({"gpus": float("inf")}, "gpus: found inf"),
    ({"micro_batch": 0}, "micro_batch: found 0"),
    ({"sequence_tokens": 0}, "sequence_tokens: found 0"),
    ({"mfu_fraction": 40}, "mfu_fraction: found 40, allowed is at most 1"),
    ({"mfu_fraction": 0}, "mfu_fraction: found 0"),
    ({"overhead_fraction": -0.1}, "overhead_fraction: found -0.1"),
    ({"trainable_fraction": 0.5}, "trainable_fraction: found 0.5, allowed is 1 or nothing with method full"),
    ({"method": "lora", "trainable_fraction": None}, "trainable_fraction: found None, allowed is above 0"),
    ({"method": "lora", "trainable_fraction": 2}, "trainable_fraction: found 2"),
    ({"gpu": TrainingGpu("none", 80, 0)}, "peak_16bit_tflops: found 0"),
])  # fmt: skip
def test_bad_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(**changes)


def test_gpus_come_from_the_catalog_by_id_and_by_name() -> None:
    found = training_gpu(SHIPPED, "h100-sxm-80gb", DAY, Place("project.yaml"))
    assert (found.memory_gb, found.peak_16bit_tflops) == (80, 989.5)
    assert training_gpu(SHIPPED, "NVIDIA H100 80GB HBM3", DAY, Place("project.yaml")) == found


@pytest.mark.parametrize(("name", "said"), [
    ("a100-sxm-80bg", ["is not a GPU of the catalog", "did you mean 'a100-sxm-80gb'?", "mi300x-192gb"]),
    ("H100", ["is not a GPU of the catalog", "allowed", "h100-sxm-80gb"]),
    ("k80-12gb", ["has no peak_16bit_tflops on 2026-11-21"]),
])  # fmt: skip
def test_an_unknown_gpu_is_told_which_are_known(name: str, said: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        training_gpu(SHIPPED, name, DAY, Place("project.yaml", 4, 7), "training.gpu")
    text = str(caught.value)
    assert text.startswith("project.yaml:4:7: training.gpu:")
    assert all(part in text for part in [*said, f"found: {name}"])


def test_a_gpu_is_unknown_before_its_day() -> None:
    with pytest.raises(InputError, match="has no peak_16bit_tflops on 2022-01-01"):
        training_gpu(SHIPPED, "h100-sxm-80gb", date(2022, 1, 1), Place("project.yaml"))


def test_a_peak_that_is_unknown_is_not_zero() -> None:
    row = SHIPPED.rows["h100-sxm-80gb/peak_16bit_tflops"][-1]
    unknown = replace(row, fact=row.fact.model_copy(update={"value": None, "unknown": "not found"}))
    catalog = replace(SHIPPED, rows=SHIPPED.rows | {row.id: (unknown,)})
    with pytest.raises(InputError, match="has no peak_16bit_tflops on 2026-11-21"):
        training_gpu(catalog, "h100-sxm-80gb", DAY, Place("project.yaml"))


@pytest.mark.parametrize(("field", "value"), [("peak_16bit_tflops", "2.25"), ("memory_bandwidth_gb_per_s", "7.7")])
def test_peta_and_tera_are_doubted(field: str, value: str) -> None:
    row = SHIPPED.rows[f"b200-sxm-180gb/{field}"][-1]
    slipped = replace(row, fact=row.fact.model_copy(update={"value": Decimal(value)}))
    catalog = replace(SHIPPED, rows={row.id: (slipped,)}, things={section: {} for section in SHIPPED.things})
    assert [doubt.check for doubt in doubts(catalog)] == ["value_is_in_the_unit_of_its_field"]
    assert doubts(replace(catalog, rows={row.id: (row,)})) == []


def test_peaks_of_the_catalog_are_dense_and_in_order() -> None:
    """A peak with sparsity would be twice as high, and out of order."""
    peaks = {gpu: training_gpu(SHIPPED, gpu, DAY, Place("")).peak_16bit_tflops for gpu in SHIPPED.section("gpus")
             if f"{gpu}/peak_16bit_tflops" in SHIPPED.rows}  # fmt: skip
    assert {"v100-sxm-16gb", "a100-sxm-40gb", "a100-sxm-80gb", "h100-sxm-80gb", "h100-pcie-80gb", "h200-sxm-141gb",
            "b200-sxm-180gb", "l4-24gb", "l40s-48gb", "a10g-24gb", "t4-16gb", "mi300x-192gb"} <= set(peaks)  # fmt: skip
    order = ["t4-16gb", "l4-24gb", "v100-sxm-32gb", "a100-sxm-80gb", "l40s-48gb", "h100-pcie-80gb", "h100-sxm-80gb",
             "mi300x-192gb", "b200-sxm-180gb"]  # fmt: skip
    assert [peaks[gpu] for gpu in order] == sorted(peaks[gpu] for gpu in order)
    assert peaks["b200-sxm-180gb"] < 2.5 * peaks["h100-sxm-80gb"] < 8 * peaks["a100-sxm-80gb"]
