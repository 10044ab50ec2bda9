// Send a work list through the real npm libraries `openai` and `@anthropic-ai/sdk`, and through plain `fetch`.
// node chat.mjs LIST BASE
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { OpenAI } = require("openai");
const { Anthropic } = require("@anthropic-ai/sdk");
const [list, base] = process.argv.slice(2);

const withSystem = (row, history) => (row.system ? [{ role: "system", content: row.system }, ...history] : history);

async function chat(row, url, history) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: row.key });
  const body = { model: row.model, messages: withSystem(row, history), ...row.params };
  if (!row.stream) return (await client.chat.completions.create(body)).choices[0].message.content;
  let text = "";
  for await (const part of await client.chat.completions.create({ ...body, stream: true }))
    text += part.choices[0]?.delta?.content ?? "";
  return text.trim();
}

async function message(row, url, history) {
  const client = new Anthropic({ baseURL: url, apiKey: row.key });
  const body = { model: row.model, max_tokens: 1024, ...row.params, messages: history };
  if (row.system) body.system = row.system;
  if (row.stream) return (await client.messages.stream(body).finalText()).trim();
  return (await client.messages.create(body)).content[0].text;
}

async function plain(row, url, history) {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${row.key}` },
    body: JSON.stringify({ model: row.model, messages: withSystem(row, history), ...row.params }),
  });
  return (await answer.json()).choices[0].message.content;
}

const ways = { "node-openai": chat, "node-anthropic": message, fetch: plain };
for (const line of readFileSync(list, "utf8").split("\n").filter(Boolean)) {
  const row = JSON.parse(line);
  const way = ways[row.client];
  if (!way) continue;
  const history = [];
  for (const turn of row.turns) {
    history.push({ role: "user", content: turn });
    history.push({ role: "assistant", content: await way(row, `${base}/${row.recording}`, history) });
  }
}
