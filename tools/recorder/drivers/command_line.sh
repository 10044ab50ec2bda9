#!/bin/sh
# Questions typed into two command-line programs, `llm` and `sgpt` (shell-gpt), by a few keys each.
# sh command_line.sh BIN QUESTIONS BASE RECORDING KEYS EACH
set -eu
bin=$1 questions=$2 base=$3 recording=$4 keys=$5 each=$6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/io.datasette.llm" "$work/.config/shell_gpt"
cat > "$work/io.datasette.llm/extra-openai-models.yaml" <<YAML
- {model_id: local, model_name: m-small, api_base: "$base/$recording/v1", api_key_name: shell}
YAML
total=$((keys * each)) i=0
tail -n +101 "$questions" | head -n "$total" | "$bin/python" -c 'import json,sys; [print(json.loads(l)["text"].split("\n")[0]) for l in sys.stdin]' |
while IFS= read -r text; do
  key=$((i % keys)) i=$((i + 1))
  if [ $((key % 2)) -eq 0 ]; then
    LLM_USER_PATH="$work/io.datasette.llm" "$bin/llm" -m local --key "shell-$key" "$text" < /dev/null > /dev/null
  else
    HOME="$work" OPENAI_API_KEY="shell-$key" API_BASE_URL="$base/$recording/v1" DEFAULT_MODEL=m-small USE_LITELLM=false \
      "$bin/sgpt" --no-cache --no-md "$text" < /dev/null > /dev/null || true
  fi
done
