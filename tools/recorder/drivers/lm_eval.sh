#!/bin/sh
# Run EleutherAI's lm-eval on a small benchmark of ours, once for each key: strangers on the same public questions.
# sh lm_eval.sh BIN QUIZ BASE RECORDING KEYS LIMIT
set -eu
bin=$1 quiz=$2 base=$3 recording=$4 keys=$5 limit=$6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$quiz" "$work/questions.jsonl"
cat > "$work/harbour.yaml" <<YAML
task: harbour
dataset_path: json
dataset_kwargs: {data_files: {test: $work/questions.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "Question: {{text}}\nGive the final value after 'Answer:'.\nAnswer:"
doc_to_target: "42"
generation_kwargs: {until: ["Question:"], max_gen_toks: 128, do_sample: false, temperature: 0.0}
metric_list: [{metric: exact_match}]
YAML
key=0
while [ "$key" -lt "$keys" ]; do
  OPENAI_API_KEY="eval-$key" HF_HOME="$work/hf" HF_DATASETS_OFFLINE=1 HF_HUB_OFFLINE=1 "$bin/lm_eval" run \
    --model local-chat-completions --apply_chat_template --tasks harbour --include_path "$work" --limit "$limit" \
    --model_args "model=m-large,base_url=$base/$recording/v1/chat/completions,num_concurrent=4,max_retries=1,tokenized_requests=False"
  key=$((key + 1))
done
