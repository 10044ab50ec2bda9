# Every target does its own set-up: it needs Python >= 3.11 and make, nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest

.PHONY: help demo test test-duckdb-1.5 test-litellm check bench bench-detection bench-evasion bench-forum bench-gateway bench-match bench-privacy bench-sharing bench-attribution lock format clean

help:            ## what can be made
	@grep -E '^[a-z0-9.-]+: .*##|^[a-z]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/runtime: requirements/runtime.lock requirements/build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Stillwatch needs Python 3.11 or newer: set PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/build.lock
	$(PIP) install --require-hashes -r requirements/runtime.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev: $(VENV)/runtime requirements/dev.lock
	$(PIP) install --require-hashes -r requirements/dev.lock
	touch $@

$(VENV)/bench: $(VENV)/dev requirements/bench.lock
	$(PIP) install --require-hashes -r requirements/bench.lock
	touch $@

demo: $(VENV)/runtime          ## the campaigns in the recorded sample; then three providers that find a split one together (a few minutes)
	$(BIN)/python tools/demo.py

test: $(VENV)/dev              ## every test, the slow ones too
	$(PYTEST) -n 2

$(VENV)-duckdb-1.5/ready: $(VENV)/dev requirements/duckdb-1.5.lock
	rm -rf $(VENV)-duckdb-1.5
	$(PIP) install --require-hashes --no-deps --target $(VENV)-duckdb-1.5 -r requirements/duckdb-1.5.lock
	touch $@

test-duckdb-1.5: $(VENV)-duckdb-1.5/ready   ## the suite of engines and one whole scan on the older DuckDB that we support
	PYTHONPATH=$(abspath $(VENV)-duckdb-1.5) $(BIN)/python -c 'import duckdb; assert duckdb.__version__.startswith("1.5."), duckdb.__version__'
	PYTHONPATH=$(abspath $(VENV)-duckdb-1.5) $(PYTEST) tests/adapters/test_engines.py tests/apps/test_scan_results.py

$(VENV)-litellm/ready: requirements/litellm.lock requirements/build.lock pyproject.toml
	test -x $(VENV)-litellm/bin/python || $(PYTHON) -m venv $(VENV)-litellm
	$(VENV)-litellm/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/build.lock
	$(VENV)-litellm/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/litellm.lock
	$(VENV)-litellm/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	touch $@

test-litellm: $(VENV)-litellm/ready   ## the guardrail inside LiteLLM's real proxy, of the one release that the extra pins
	$(VENV)-litellm/bin/python -m pytest tests/gateway/test_litellm_proxy.py

check: $(VENV)/dev             ## format, lint, types, import contracts, SQL subset
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_sql.py

bench: $(VENV)/bench           ## measure what README and docs/benchmarks.md promise
	$(BIN)/python -m bench

bench-detection: $(VENV)/dev   ## compare with what people would use instead (docs/detection.md); makes .venv-peers
	$(BIN)/python -m bench.detection

bench-evasion: $(VENV)/dev     ## where detection breaks, and what it costs to stay unnoticed (docs/evasion.md); MINUTES=60
	$(BIN)/python -m bench.evasion --minutes $(or $(MINUTES),60) --seeds 2

bench-forum: $(VENV)/dev       ## objects added, pulled and paged per CPU second, beside medallion (docs/benchmarks.md); makes .venv-medallion
	$(BIN)/python -m bench.forum

bench-match: $(VENV)/dev       ## cost of private matching, beside OpenMined PSI (docs/match.md); makes .venv-psi
	$(BIN)/python -m bench.match

bench-privacy: $(VENV)/dev     ## attacks on private matching, by each party alone and together (docs/match-privacy.md)
	$(BIN)/python -m bench.privacy

bench-sharing: $(VENV)/dev     ## what three providers find together that none finds alone (docs/sharing.md)
	$(BIN)/python -m bench.sharing

bench-attribution: $(VENV)/dev ## hypotheses against known operators, and whether stated confidences hold (docs/attribution.md)
	mkdir -p out
	$(BIN)/python -m bench.attribution.scans --half holdout --first 3001 --seeds 8 --out out/attribution.jsonl
	$(BIN)/python -m bench.attribution out/attribution.jsonl

bench-gateway: $(VENV)/dev     ## decisions in process and from outside, and ten minutes of load (docs/benchmarks.md)
	$(BIN)/python -m bench.gateway

format: $(VENV)/dev            ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:                          ## resolve the requirements again (needs uv)
	uv pip compile --group build --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/build.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/runtime.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/dev.lock
	uv pip compile pyproject.toml --group dev --group bench --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/bench.lock
	echo 'duckdb>=1.5.5,<1.6' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/duckdb-1.5.lock
	for peer in coordination-network-toolkit rgmining-fraudar unmimic; do echo "# peer: $$peer"; \
	  echo $$peer | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q || exit 1; \
	done > requirements/peers.lock
	(echo '# peer: medallion'; echo 'medallion==3.0.0' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q) > requirements/medallion.lock
	uv pip compile pyproject.toml --extra litellm --group litellm --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements/litellm.lock
	(echo '# peer: openmined-psi'; echo 'openmined-psi==2.0.6' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q) > requirements/openmined-psi.lock

clean:                         ## remove what the targets made
	rm -rf $(VENV) $(VENV)-duckdb-1.5 $(VENV)-litellm .venv-peers .venv-medallion .venv-psi out
