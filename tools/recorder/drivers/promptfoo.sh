#!/bin/sh
# A prompt regression test with a judge, as run in CI, by promptfoo. sh promptfoo.sh FOLDER NUDGES BASE RECORDING COUNT
# FOLDER is where promptfoo was installed with npm.
set -eu
folder=$1 nudges=$2 base=$3 recording=$4 count=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
node - "$nudges" "$base/$recording/v1" "$count" > promptfooconfig.json <<'JS'
const [nudges, apiBaseUrl, count] = process.argv.slice(2);
const lines = require("fs").readFileSync(nudges, "utf8").split("\n").slice(0, Number(count));
const provider = (model) => ({ id: `openai:chat:${model}`, config: { apiBaseUrl, apiKey: "ci-0" } });
console.log(JSON.stringify({
  prompts: ["Answer this member of our gym in one friendly sentence: {{message}}", "You run the front desk of a gym. Reply: {{message}}"],
  providers: [provider("m-small"), provider("m-mini")],
  defaultTest: { options: { provider: provider("m-large") }, assert: [{ type: "llm-rubric", value: "is polite and promises nothing" }] },
  tests: lines.map((line) => ({ vars: { message: JSON.parse(line).text } })),
}));
JS
PROMPTFOO_DISABLE_TELEMETRY=1 PROMPTFOO_DISABLE_UPDATE=1 PROMPTFOO_CONFIG_DIR="$work" PROMPTFOO_DISABLE_REMOTE_GENERATION=1 \
  "$folder/node_modules/.bin/promptfoo" eval -c promptfooconfig.json --no-cache --no-table --no-progress-bar || test $? -eq 100
