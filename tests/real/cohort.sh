#!/usr/bin/env bash
# `doctor cohort` beside real databases and a real browser: DOCTOR GENERATOR [SCREENSHOTS]. Installs what it needs from PyPI into a
# venv under target/; Java and Chromium come from the system. What cannot be had is left out, and said.
set -u
cd "$(dirname "$0")/../.." || exit 2
venv=target/cohort-venv
if [ ! -x $venv/bin/python ] || ! $venv/bin/python -c 'import duckdb, pyspark, playwright' 2>/dev/null; then
  { python3 -m venv $venv && $venv/bin/pip install -q duckdb pyspark playwright; } >target/cohort-venv.log 2>&1 ||
    { echo "left out: DuckDB, Spark and playwright could not be installed ($(tail -1 target/cohort-venv.log))"; exit 0; }
fi
exec $venv/bin/python tests/real/cohort.py "$@"
