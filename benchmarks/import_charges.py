"""How long millions of generated FOCUS rows take to import, and how much memory.

The rows are hourly, of 40 accounts in 12 months: a tenth GPU nodes, the rest other services, with tags and resources.
The import runs in a process of its own, whose peak is what the system says of it; the generator is outside of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROWS = """
COPY (
    SELECT 'AWS' AS ProviderName, '1' AS BillingAccountId, CAST(100000000000 + i % 40 AS VARCHAR) AS SubAccountId,
        'USD' AS BillingCurrency, date_trunc('month', hour) AS BillingPeriodStart,
        date_trunc('month', hour) + INTERVAL 1 MONTH AS BillingPeriodEnd, hour AS ChargePeriodStart,
        hour + INTERVAL 1 HOUR AS ChargePeriodEnd, 'Usage' AS ChargeCategory, NULL AS ChargeClass,
        CASE WHEN i % 10 = 0 THEN '$98.32 per On Demand Linux p5.48xlarge Instance Hour'
             ELSE '$0.005 per In-use public IPv4 address per hour' END AS ChargeDescription,
        CASE WHEN i % 10 = 0 THEN 'Amazon Elastic Compute Cloud' ELSE 'Amazon Virtual Private Cloud' END AS ServiceName,
        '1.00000000000' AS PricingQuantity, 'Hours' AS PricingUnit,
        '1.000' AS ConsumedQuantity, 'Hours' AS ConsumedUnit,
        CASE WHEN i % 3 = 0 THEN 'Committed' ELSE 'Standard' END AS PricingCategory,
        CASE WHEN i % 300 = 0 THEN 'Unused' END AS CommitmentDiscountStatus,
        CASE WHEN i % 10 = 0 THEN '98.32' ELSE '0.005' END AS ListCost,
        CASE WHEN i % 10 = 0 THEN '60.51' ELSE '0.005' END AS ContractedCost,
        CASE WHEN i % 10 = 0 THEN '60.51' ELSE '0.005' END AS EffectiveCost,
        CASE WHEN i % 10 = 0 THEN '60.51' ELSE '0.005' END AS BilledCost, 'us-east-1' AS RegionId,
        'arn:aws:ec2:us-east-1:instance/i-' || md5(CAST(i % 50000 AS VARCHAR)) AS ResourceId,
        '{"team": "team-' || i % 25 || '", "project": "project-' || i % 400 || '"}' AS Tags
    FROM (SELECT i, TIMESTAMP '2026-01-01' + to_hours((i * 8760) // ?) AS hour FROM range(?) AS t(i))
) TO '{path}' (HEADER true)
"""
IMPORT = """
import json, resource, sys, time
from pathlib import Path
from planner.actuals.store import Store
from planner.actuals.monthly import charges_by_month
from planner.api import load_catalog
catalog = load_catalog()
start = time.perf_counter()
with Store(sys.argv[2], catalog=catalog) as store:
    (done,) = store.add("focus", [Path(sys.argv[1])])
    took, cpu = time.perf_counter() - start, time.process_time()
    start = time.perf_counter()
    months = charges_by_month(store)
print(json.dumps({"rows": done.rows, "gpu_hours": float(done.gpu_hours), "unknown": done.unknown,
                  "import_seconds": took, "import_cpu_seconds": cpu,
                  "by_month_seconds": time.perf_counter() - start, "lines_by_month": len(months),
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measure(rows: int) -> dict[str, float]:
    """Return time, peak memory and sizes of an import of `rows` generated rows."""
    with tempfile.TemporaryDirectory() as folder:
        path, store = Path(folder) / "focus.csv", Path(folder) / "actuals.duckdb"
        generated = ROWS.replace("{path}", str(path)).replace("?", str(rows))
        duckdb.execute("SET memory_limit = '2GB'").execute(generated)
        ran = subprocess.run(
            [sys.executable, "-c", IMPORT, str(path), str(store)], capture_output=True, text=True, check=True
        )
        found: dict[str, float] = json.loads(ran.stdout)
        found |= {"csv_mb": path.stat().st_size / 1e6, "store_mb": store.stat().st_size / 1e6}
    nodes = len(range(0, rows, 10)) - len(range(0, rows, 300))
    assert found["gpu_hours"] == 8 * nodes, "GPU-hours are not those generated"
    return found
