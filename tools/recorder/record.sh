#!/bin/sh
# Record everything: sh record.sh VENVS NPM OUT   (see README.md for what VENVS and NPM hold; OUT gets seeds/ and recordings/)
# One tool after another; a tool that fails is named and left out. Ten minutes on two cores.
set -u
here=$(cd "$(dirname "$0")" && pwd)
venvs=$1 npm=$2 out=$3 base=http://127.0.0.1:8011
drivers=$here/drivers seeds=$out/seeds
export DO_NOT_TRACK=1 HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
mkdir -p "$out/recordings" "$seeds"
"$venvs/endpoint/bin/python" "$here/worklists.py" --out "$seeds" --seed 7
"$venvs/endpoint/bin/python" "$here/endpoint.py" --out "$out/recordings" &
endpoint=$!
trap 'kill $endpoint' EXIT
sleep 2
try() { "$@" > "$out/last.log" 2>&1 || { echo "left out: $*"; tail -n 3 "$out/last.log"; }; }

(cd "$npm" && try node "$drivers/chat.mjs" "$seeds/chat.jsonl" $base)
try "$venvs/sdk-old/bin/python" "$drivers/chat.py" "$seeds/chat.jsonl" $base openai-old
try "$venvs/sdk/bin/python" "$drivers/chat.py" "$seeds/chat.jsonl" $base openai openai-async responses anthropic
distil() { try "$venvs/distilabel/bin/python" "$drivers/distilabel_pipeline.py" "$1" "$seeds/$2.jsonl" $base "$3" "$4" "$5"; }
distil evolve chores evolve 560 0
distil selfinstruct chores selfinstruct 240 560
distil feedback lessons permit 300 0
distil generate lessons permit 330 300
distil evolve questions hobby 70 0
try "$venvs/langgraph/bin/python" "$drivers/langgraph_agent.py" "$seeds/agents.jsonl" $base agent 26 6
try "$venvs/camel/bin/python" "$drivers/camel_selfinstruct.py" "$seeds/chores.jsonl" $base camel 60
try "$venvs/sdk-old/bin/python" "$drivers/instructor_extract.py" "$seeds/bookings.jsonl" $base extract 120
try "$venvs/dspy/bin/python" "$drivers/dspy_tune.py" "$seeds/errands.jsonl" $base tune 120
try "$venvs/mem0/bin/python" "$drivers/mem0_notes.py" "$seeds/guests.jsonl" $base memory 60
try "$venvs/scikit-llm/bin/python" "$drivers/scikit_llm_batch.py" "$seeds/reviews.jsonl" $base rows 150
try sh "$drivers/synthetic_data_kit.sh" "$venvs/synthetic-data-kit/bin" "$seeds/passages.jsonl" $base kit
try sh "$drivers/lm_eval.sh" "$venvs/lm-eval/bin" "$seeds/quiz.jsonl" $base bench 8 80
try sh "$drivers/promptfoo.sh" "$npm" "$seeds/nudges.jsonl" $base prompttest 30
try sh "$drivers/command_line.sh" "$venvs/sdk-old/bin" "$seeds/questions.jsonl" $base shell 12 7
wc -l "$out"/recordings/*.jsonl
