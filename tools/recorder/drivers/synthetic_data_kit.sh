#!/bin/sh
# Build question-answer pairs and reasoning examples with synthetic-data-kit, its own prompts kept.
# sh synthetic_data_kit.sh BIN PASSAGES BASE RECORDING   (BIN: folder of the command, PASSAGES: JSON Lines of {"text"})
set -eu
bin=$1 passages=$2 base=$3 recording=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir texts out
"$bin/python" - "$passages" "$base/$recording/v1" "key-$recording" <<'PY'
import importlib.util, json, pathlib, sys
import yaml

passages, url, key = sys.argv[1:]
for i, line in enumerate(pathlib.Path(passages).read_text().splitlines()):
    pathlib.Path(f"texts/{i:03}.txt").write_text(json.loads(line)["text"])
package = pathlib.Path(importlib.util.find_spec("synthetic_data_kit").origin).parent
config = yaml.safe_load((package / "config.yaml").read_text())
config["api-endpoint"] |= {"api_base": url, "api_key": key, "model": "m-large", "max_retries": 1, "retry_delay": 0.1}
pathlib.Path("config.yaml").write_text(yaml.safe_dump(config))
PY
"$bin/synthetic-data-kit" -c config.yaml create texts --type qa --num-pairs 3 -o out
"$bin/synthetic-data-kit" -c config.yaml create texts --type cot --num-pairs 2 -o out
