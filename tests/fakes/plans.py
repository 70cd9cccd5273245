"""The plans as they are shipped."""

from pathlib import Path

from common.runtime.plans_file import load_plans

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "plans.toml"
PLANS = load_plans(SHIPPED)
ANONYMOUS, FREE, PAID = (PLANS.named(name) for name in ("anonymous", "free", "paid"))
