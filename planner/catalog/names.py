"""The catalog's names for what others name in their own ways: GPU models, and the offers of providers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

MAX_ID = 80
_MEMORY_SLACK_GB = 0.75


@dataclass(frozen=True)
class _Variant:
    """One way in which a model is sold; `memory` lists what is printed for it, in GB or GiB, rated or usable."""

    id: str
    form: str
    memory: tuple[int, ...]


def _variants(*known: tuple[str, str, tuple[int, ...]]) -> tuple[_Variant, ...]:
    return tuple(_Variant(*one) for one in known)


_MODELS: tuple[tuple[str, tuple[_Variant, ...]], ...] = (
    ("gb200", _variants(("gb200-186gb", "sxm", (186, 189, 192, 180)))),
    ("gb300", _variants(("gb300-288gb", "sxm", (288, 284, 279, 277)))),
    ("gh200", _variants(("gh200-96gb", "sxm", (96,)), ("gh200-144gb", "sxm", (144, 141)))),
    ("h100", _variants(("h100-sxm-80gb", "sxm", (80,)), ("h100-pcie-80gb", "pcie", (80,)),
                       ("h100-nvl-94gb", "nvl", (94,)))),
    ("h200", _variants(("h200-sxm-141gb", "sxm", (141, 140)), ("h200-nvl-141gb", "nvl", (141, 140)))),
    ("b200", _variants(("b200-sxm-180gb", "sxm", (180, 179, 183, 192)))),
    ("b300", _variants(("b300-sxm-288gb", "sxm", (288, 269, 270, 262, 275)))),
    ("a100", _variants(("a100-sxm-40gb", "sxm", (40,)), ("a100-sxm-80gb", "sxm", (80,)),
                       ("a100-pcie-40gb", "pcie", (40,)), ("a100-pcie-80gb", "pcie", (80,)))),
    ("v100", _variants(("v100-sxm-16gb", "sxm", (16,)), ("v100-sxm-32gb", "sxm", (32,)),
                       ("v100-pcie-16gb", "pcie", (16,)), ("v100-pcie-32gb", "pcie", (32,)))),
    ("p100", _variants(("p100-sxm-16gb", "sxm", (16,)), ("p100-pcie-16gb", "pcie", (16,)),
                       ("p100-pcie-12gb", "pcie", (12,)))),
    ("k80", _variants(("k80-12gb", "pcie", (12,)))),
    ("p4", _variants(("p4-8gb", "pcie", (8,)))),
    ("t4", _variants(("t4-16gb", "pcie", (16, 15)))),
    ("l4", _variants(("l4-24gb", "pcie", (24, 22, 23)))),
    ("l40", _variants(("l40-48gb", "pcie", (48, 45)))),
    ("l40s", _variants(("l40s-48gb", "pcie", (48, 45)))),
    ("a10", _variants(("a10-24gb", "pcie", (24, 22, 23)))),
    ("a10g", _variants(("a10g-24gb", "pcie", (24, 22, 23)))),
    ("a30", _variants(("a30-24gb", "pcie", (24,)))),
    ("a40", _variants(("a40-48gb", "pcie", (48, 45)))),
    ("(?:rtx )?pro (?:server )?6000|rtxpro6000|rtx 6000 96gb", _variants(("rtx-pro-6000-96gb", "pcie", (96,)))),
    ("rtx 6000 ?ada|6000 ada", _variants(("rtx-6000-ada-48gb", "pcie", (48,)))),
    ("(?:rtx )?a6000", _variants(("rtx-a6000-48gb", "pcie", (48,)))),
    ("(?:rtx )?a5000", _variants(("rtx-a5000-24gb", "pcie", (24,)))),
    ("(?:rtx )?a4000", _variants(("rtx-a4000-16gb", "pcie", (16,)))),
    ("rtx 5090|rtx5090", _variants(("rtx-5090-32gb", "pcie", (32,)))),
    ("rtx 4090|rtx4090", _variants(("rtx-4090-24gb", "pcie", (24,)))),
    ("mi300x", _variants(("mi300x-192gb", "oam", (192,)))),
    ("mi325x", _variants(("mi325x-256gb", "oam", (256,)))),
    ("mi350x", _variants(("mi350x-288gb", "oam", (288,)))),
    ("mi355x", _variants(("mi355x-288gb", "oam", (288,)))),
)  # fmt: skip
"""Patterns of models, each standing as words of its own, and the variants that are sold."""

_INSTANCES: tuple[tuple[str, str], ...] = (
    (r"p3\.(2|8|16)xlarge", "v100-sxm-16gb"),
    (r"p3dn\.24xlarge", "v100-sxm-32gb"),
    (r"p4d\.24xlarge", "a100-sxm-40gb"),
    (r"p4de\.24xlarge", "a100-sxm-80gb"),
    (r"p5\.(4|48)xlarge", "h100-sxm-80gb"),
    (r"p5en?\.48xlarge", "h200-sxm-141gb"),
    (r"p6-b200\.48xlarge", "b200-sxm-180gb"),
    (r"p6-b300\.48xlarge", "b300-sxm-288gb"),
    (r"a2-(high|mega)gpu-\d+g", "a100-sxm-40gb"),
    (r"a2-ultragpu-\d+g", "a100-sxm-80gb"),
    (r"a3-(high|mega|edge)gpu-\d+g", "h100-sxm-80gb"),
    (r"a3-ultragpu-\d+g", "h200-sxm-141gb"),
    (r"(standard_)?nc(6|12|24)r?s_v3", "v100-pcie-16gb"),
    (r"(standard_)?nd40rs_v2", "v100-sxm-32gb"),
    (r"(standard_)?nd96asr_(a100_)?v4", "a100-sxm-40gb"),
    (r"(standard_)?nd96amsr_a100_v4", "a100-sxm-80gb"),
    (r"(standard_)?nc\d+ads_a100_v4", "a100-pcie-80gb"),
    (r"(standard_)?nc(40|80)adi?s_h100_v5", "h100-nvl-94gb"),
    (r"(standard_)?ncc40ads_h100_v5", "h100-nvl-94gb"),
    (r"(standard_)?nd96isr_h100_v5", "h100-sxm-80gb"),
    (r"(standard_)?nd96isr_h200_v5", "h200-sxm-141gb"),
    (r"bm\.gpu4\.8", "a100-sxm-40gb"),
    (r"bm\.gpu\.a100-v2\.8", "a100-sxm-80gb"),
    (r"bm\.gpu\.h100\.8", "h100-sxm-80gb"),
    (r"bm\.gpu\.h200\.8", "h200-sxm-141gb"),
)
"""Instance types whose names leave memory or form open, though their makers' pages say it."""

_NAMED = {
    "nvidia-tesla-a100": "a100-sxm-40gb",
    "nvidia-a100-80gb": "a100-sxm-80gb",
    "nvidia-h100-80gb": "h100-sxm-80gb",
    "nvidia-h100-mega-80gb": "h100-sxm-80gb",
    "nvidia-h200-141gb": "h200-sxm-141gb",
    "nvidia-tesla-v100": "v100-sxm-16gb",
    "nvidia-tesla-p100": "p100-pcie-16gb",
}
"""Accelerator types of GCP, written exactly so: there they mean one card."""

_ONE_FORM = {"aws": "sxm", "gcp": "sxm", "oracle": "sxm"}
"""Providers that rent A100, H100, H200 and V100 in one form only, whatever their names leave out."""

_ONE_FORM_MODELS = {"a100", "h100", "h200", "v100"}
_FORMS = (("sxm", r"sxm[2-6]?|hgx|h100.* hbm3"), ("pcie", "pci|pcie|pcle"), ("nvl", "nvl"), ("dgxs", "dgxs"))
_MEMORY = re.compile(r"(?<![a-z0-9])(\d{1,3}) ?(?:gb|gib|g)(?![a-z0-9])")


def slug(text: str) -> str:
    """Return `text` in lower case, every run of other characters than a-z and 0-9 one hyphen.

    >>> slug("Standard_ND96isr_H100_v5"), slug("vast.ai")
    ('standard-nd96isr-h100-v5', 'vast-ai')
    """
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


def instance_slug(provider: str, instance_type: str) -> str:
    """Return the slug of an instance type; Azure's names may begin with `Standard_` or leave that out.

    >>> instance_slug("azure", "Standard_ND96isr_H100_v5"), instance_slug("azure", "ND96isr H100 v5")
    ('nd96isr-h100-v5', 'nd96isr-h100-v5')
    """
    return slug(instance_type).removeprefix("standard-" if provider == "azure" else "")


def offer_id(provider: str, instance_type: str | None, region: str | None, gpu: str) -> str:
    """Return the id of an offer: provider, instance type (else the GPU) and region, where there is one.

    What several offers are summed up in has the region `index`. An id that would be too long keeps its start and
    ends in a part of its digest.

    >>> offer_id("aws", "p5.48xlarge", "us-east-1", "h100-sxm-80gb")
    'aws-p5-48xlarge-us-east-1'
    >>> offer_id("vast.ai", None, "index", "h100-sxm-80gb"), offer_id("civo", None, None, "l40s-48gb")
    ('vast-ai-h100-sxm-80gb-index', 'civo-l40s-48gb')
    """
    kind = instance_slug(provider, instance_type) if instance_type else gpu
    name = slug(" ".join((provider, kind, region or "")))
    if len(name) <= MAX_ID:
        return name
    return f"{name[: MAX_ID - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def gpu_id(text: str, *, memory_gb: float | None = None, instance_type: str = "", provider: str = "") -> str | None:
    """Return the catalog's id of the GPU that `text` names, None where it could be one of several, or is none of ours.

    Parameters
    ----------
    text : what a source calls it: `NVIDIA H100 80GB HBM3`, `A100-80GB-SXM4`, `nvidia-tesla-v100`; may be empty
    memory_gb : memory of one GPU, where the source tells it apart
    instance_type : the instance it is in, which may say what `text` leaves out
    provider : the catalog's id of the provider; some rent a model in one form only

    >>> gpu_id("NVIDIA H100 80GB HBM3"), gpu_id("H100"), gpu_id("H100", instance_type="p5.48xlarge")
    ('h100-sxm-80gb', None, 'h100-sxm-80gb')
    """
    if text.strip() in _NAMED:
        return _NAMED[text.strip()]
    said, around = (" ".join(re.findall("[a-z0-9]+", part.lower())) for part in (text, instance_type))
    models = {pattern: known for pattern, known in _MODELS if _has(said or around, pattern)}
    for pattern, found in _INSTANCES:
        if re.fullmatch(pattern, instance_type.lower()):
            agrees = not said or any(one.id == found for known in models.values() for one in known)
            return found if agrees else None
    if len(models) != 1:
        return None
    [(model, variants)] = models.items()
    forms = {form for form, pattern in _FORMS if _has(f"{said} {around}", pattern)}
    if not forms and model in _ONE_FORM_MODELS:
        forms = {_ONE_FORM[provider]} if provider in _ONE_FORM else set()
    if len({one.form for one in variants}) > 1 and forms:
        variants = tuple(one for one in variants if forms == {one.form})
    sizes = {float(size) for size in _MEMORY.findall(said or around)} if memory_gb is None else {memory_gb}
    left = [one for one in variants if all(_near(size, one) for size in sizes)]
    return left[0].id if len(left) == 1 else None


def _has(words: str, pattern: str) -> bool:
    """Say whether `pattern` stands in `words`, as whole words."""
    return re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", words) is not None


def _near(size: float, variant: _Variant) -> bool:
    return any(abs(size - known) <= _MEMORY_SLACK_GB for known in variant.memory)
