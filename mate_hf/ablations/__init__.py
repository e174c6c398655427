"""Many runs of train.py from one YAML file, and the table they end in."""

from mate_hf.ablations.plan import Plan, read_plan
from mate_hf.ablations.runs import complete_runs, planned_runs
from mate_hf.ablations.table import render_tables

__all__ = ["Plan", "complete_runs", "planned_runs", "read_plan", "render_tables"]
