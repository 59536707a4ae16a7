import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { onLoopback } from "../../support/loopback.ts";
import { api, instant } from "../../support/query.ts";
import { type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const PAGE = `# TYPE hits_total counter
# HELP hits_total Requests by path.
hits_total{path="/a"} 10
hits_total{path="/b"} 20
# TYPE load gauge
load 7
`;
const RULES = `groups:
  - name: shop
    rules:
      - { record: "hits:sum", expr: sum(hits_total) }
      - { alert: Loaded, expr: load > 5, labels: { severity: page } }
      - { alert: Waiting, expr: load > 6, for: 1h }
`;
const SLO = `version: narthex/v1
service: shop
slos:
  - { name: calm, objective: 90, sli: { raw: { error_ratio_query: "avg_over_time((load > bool 100)[{{.window}}:1m])" } } }
`;

/** Answers of an Alertmanager that has silenced the alert. */
const ALERTMANAGER: Readonly<Record<string, unknown>> = {
  "/api/v2/silences": [{ id: "s1", comment: "maintenance", status: { state: "active" } }],
  "/api/v2/alerts": [
    {
      labels: { alertname: "Loaded", severity: "page" },
      receivers: [{ name: "team" }],
      status: { state: "suppressed", silencedBy: ["s1"], inhibitedBy: [] },
    },
  ],
};

/** Starts a target with an exposition, an Alertmanager, and a server that uses both. */
async function started(workplace: Workplace) {
  const stack = new AsyncDisposableStack();
  const requests: string[] = [];
  const searches: string[] = [];
  const other = await onLoopback(
    createServer((request, response) => {
      const { pathname, search } = new URL(request.url!, "http://a");
      requests.push(`${request.method} ${pathname}`);
      searches.push(decodeURIComponent(search));
      if (pathname === "/metrics") response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(PAGE);
      else
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify(ALERTMANAGER[pathname] ?? {}));
    }),
  );
  stack.use(other);
  workplace.write("rules.yml", RULES);
  const config = `global: { scrape_interval: 1s, evaluation_interval: 1s, query_log_file: ${workplace.path("queries.log")} }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${other.port}"] }] }] }
scrape_configs:
  - { job_name: shop, static_configs: [{ targets: ["127.0.0.1:${other.port}"] }] }
`;
  const flags = ["--web.enable-mcp", "--web.enable-backtest", `--rules.slo-files=${workplace.write("slo.yml", SLO)}`];
  const server = await serve("narthex", workplace, "data", { config, flags });
  stack.use(server);
  await eventually("rules are evaluated", async () => {
    const { alerts } = await api<{ alerts: readonly unknown[] }>(server.base, "alerts");
    expect(alerts).toHaveLength(2);
    expect(await instant(server.base, "hits:sum")).toHaveLength(1);
  });
  await eventually("alerts are sent", async () => expect(requests).toContain("POST /api/v2/alerts"));
  return { server, requests, searches, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function connected({ base }: Served) {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${base}/mcp`)));
  const ask = async (name: string, args: Record<string, unknown> = {}): Promise<{ text: string; isError: boolean }> => {
    const result = await client.callTool({ name, arguments: args });
    const [content] = result.content as readonly { readonly text: string }[];
    return { text: content!.text, isError: result.isError === true };
  };
  return { client, ask, [Symbol.asyncDispose]: () => client.close() };
}

const ALWAYS = "groups: [{ name: g, rules: [{ alert: Always, expr: vector(7) }] }]";
const ROUTES =
  "{ route: { receiver: chat }, receivers: [{ name: chat, webhook_configs: [{ url: http://h/very-secret }] }] }";

/** Questions of an assistant: tool, arguments, and a part of the answer. */
const QUESTIONS: readonly (readonly [string, Record<string, unknown>, string | RegExp])[] = [
  ["query", { query: "load" }, '"7"]'],
  ["query", { query: "sum(hits_total)" }, '"30"]'],
  ["query", { query: 'hits_total{path="/a"}' }, '"path":"/a"'],
  ["query", { query: "load", time: "2001-01-01T00:00:00Z" }, '"result":[]'],
  ["query", { query: "rate(hits_total[5m]) * 0" }, '"vector"'],
  ["query", { query: "1 + 1" }, '"scalar"'],
  ["query_range", { query: "load" }, '"matrix"'],
  ["query_range", { query: "hits_total", points: 2 }, '"matrix"'],
  ["query_range", { query: "load", start: "2001-01-01T00:00:00Z", end: "2001-01-02T00:00:00Z" }, '"result":[]'],
  ["series", { selector: "hits_total" }, '"path":"/b"'],
  ["series", { selector: '{path="/a"}' }, '"__name__":"hits_total"'],
  ["series", { selector: "nothing" }, /^\[\]$/],
  ["label_names", {}, '"path"'],
  ["label_names", { selector: "load" }, '"instance"'],
  ["label_values", { label: "path" }, '["/a","/b"]'],
  ["label_values", { label: "__name__" }, '"hits_total"'],
  ["label_values", { label: "job", selector: "load" }, '["shop"]'],
  ["label_values", { label: "__name__", limit: 1 }, /^.*$/],
  ["metric_metadata", { metric: "hits_total" }, "Requests by path."],
  ["metric_metadata", {}, '"gauge"'],
  ["explain_query", { query: "sum(rate(hits_total[5m]))" }, '"analyzed":false'],
  ["explain_query", { query: "load" }, '"plan"'],
  ["why_is_result_empty", { query: "no_such_metric" }, "No metric is called"],
  ["why_is_result_empty", { query: 'load{job="other"}' }, '"reason"'],
  ["why_is_result_empty", { query: "load" }, '"analyzed":true'],
  ["alerts", {}, '"alertname":"Loaded"'],
  ["rules", {}, '"name":"hits:sum"'],
  ["rules", { type: "alert" }, '"name":"Waiting"'],
  ["rules", { rule_name: "Loaded" }, '"severity":"page"'],
  ["rules", { rule_group: "shop", without_alerts: true }, '"alerts":null'],
  ["objectives", {}, '"id":"shop-calm"'],
  ["objectives", { id: "shop-calm" }, '"objective":0.9'],
  ["targets", {}, '"health":"up"'],
  ["targets", { scrape_pool: "shop", state: "active" }, '"scrapePool":"shop"'],
  ["alertmanagers", {}, "/api/v2/alerts"],
  ["silences", {}, "maintenance"],
  ["silences", { filter: 'alertname="Loaded"' }, '"id":"s1"'],
  ["alertmanager_alerts", {}, '"silencedBy":["s1"]'],
  ["backtest", { rules: ALWAYS, from: "1m" }, '"name":"Always","evaluations":60,"summary":{"fired":1,'],
  ["backtest", { rules: RULES, against: RULES, alertmanager: ROUTES }, '"differences":{"added":[],"lost":[]'],
  ["why_notified", { labels: { alertname: "Loaded" } }, "is silenced by s1"],
  ["why_notified", { labels: { alertname: "Waiting" } }, "are pending"],
  ["why_notified", { labels: { alertname: "Unknown" } }, "No rule of this server has an active alert"],
];

/** Questions that get an error, which names what is wrong. */
const REFUSED: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ["no_such_tool", {}, 'there is no tool "no_such_tool"'],
  ["__proto__", {}, "there is no tool"],
  ["query", {}, "the argument query is missing"],
  ["query", { query: 5 }, "the argument query is not a text"],
  ["query", { query: ["load"] }, "the argument query is not a text"],
  ["query", { query: "load(" }, "parse error"],
  ["query", { query: "x".repeat(10_001) }, "at most 10000 characters"],
  ["query", { query: "load", limit: 0 }, 'unknown argument "limit"'],
  ["query", { query: "load", timeout: "1h" }, 'unknown argument "timeout"'],
  ["query_range", { query: "load", points: 1e9 }, "a whole number from 1 to 500"],
  ["query_range", { query: "load", start: "tomorrow" }, "the argument start is not a time"],
  ["query_range", { query: "load", start: "10", end: "5" }, "not before its end"],
  ["label_values", { label: "../../admin/tsdb/snapshot" }, "invalid label name"],
  ["label_values", { label: ".." }, "invalid label name"],
  ["label_values", { label: "a/values?match[]=up" }, "invalid label name"],
  ["series", { selector: "}{" }, "parse error"],
  ["backtest", {}, "the argument rules is missing"],
  ["backtest", { rules: "groups: 5" }, 'invalid parameter "rules": rules.yml:1:'],
  ["backtest", { rules: RULES, from: "32d" }, "longer than 31 days"],
  ["backtest", { rules: "x".repeat(100_001) }, "at most 100000 characters"],
  ["backtest", { rules: RULES, alertmanager: "[very-secret" }, 'invalid parameter "alertmanager"'],
  ["why_notified", { labels: { a: 1 } }, "the argument labels is not an object"],
  ["why_notified", { labels: "alertname" }, "the argument labels is not an object"],
  ["dashboards", {}, "--web.sign-in-url"],
  ["dashboard", { uid: "../a" }, "is not the uid of a dashboard"],
  ["objectives", { id: "none" }, 'there is no objective "none"'],
];

test("the protocol's own client asks forty questions, and hostile arguments get an error that names them", async () => {
  using workplace = new Workplace();
  await using setup = await started(workplace);
  const { server, requests, searches } = setup;
  await using assistant = await connected(server);
  const { tools } = await assistant.client.listTools();
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
  const asked = new Set([...QUESTIONS.map(([name]) => name), "dashboards", "dashboard"]);
  expect(asked).toEqual(new Set(tools.map(({ name }) => name)));
  expect(QUESTIONS.length).toBeGreaterThanOrEqual(40);
  for (const [name, args, part] of QUESTIONS) {
    const answer = await assistant.ask(name, args);
    const matches = typeof part === "string" ? answer.text.includes(part) : part.test(answer.text);
    expect([name, args, answer.isError, matches ? part : answer.text]).toEqual([name, args, false, part]);
  }
  for (const [name, args, part] of REFUSED) {
    const answer = await assistant.ask(name, args);
    expect([name, answer.isError, answer.text]).toEqual([name, true, expect.stringMatching(new RegExp(escaped(part)))]);
  }
  const injected = await assistant.ask("why_notified", { labels: { 'a"} or load{b="': 'x"} or vector(1) #' } });
  expect(injected).toMatchObject({ isError: false, text: expect.stringContaining("No rule of this server") as string });
  expect(requests.filter((line) => !line.startsWith("GET ") && line !== "POST /api/v2/alerts")).toEqual([]);
  expect(searches).toContain('?filter=alertname="Loaded"');
  expect(server.running.output).not.toContain("very-secret");
  expect(server.running.output).toContain('msg="Call of an assistant" component=assistant tool=query');
  await eventually("queries are logged", async () => {
    expect(await readFile(workplace.path("queries.log"), "utf8")).toContain('"query":"sum(hits_total)"');
  });
});

/** Escapes a text for a regular expression, except for the alternatives. */
const escaped = (words: string): string => words.replaceAll(/[.*+?^${}()[\]\\]/g, String.raw`\$&`);

/** Sends a body to the endpoint. Resolves with status and answer. */
async function posted(
  base: string,
  body: string,
  headers: Readonly<Record<string, string>> = { "content-type": "application/json" },
): Promise<readonly [number, string]> {
  const { hostname, port } = new URL(base);
  const request = httpRequest({ hostname, port, path: "/mcp", method: "POST", headers });
  request.end(body);
  const [response] = await new Promise<readonly [IncomingMessage]>((resolve, reject) => {
    request.once("response", (answer) => resolve([answer]));
    request.once("error", reject);
  });
  return [response.statusCode!, await text(response)];
}

test("messages that are too long, too deep or no protocol are refused, and nothing but reading is possible", async () => {
  using workplace = new Workplace();
  await using setup = await started(workplace);
  const { base } = setup.server;
  const call = (method: string, params: unknown): string => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const type = { "content-type": "application/json" };
  expect((await posted(base, `{"a":"${"x".repeat(300_000)}"}`))[0]).toBe(413);
  expect((await posted(base, "[".repeat(200_000)))[0]).toBe(400);
  expect((await posted(base, "{"))[0]).toBe(400);
  expect((await posted(base, "null"))[0]).toBe(400);
  expect((await posted(base, "", type))[0]).toBe(400);
  expect((await posted(base, call("tools/list", {}), { "content-type": "text/plain" }))[0]).toBe(415);
  expect((await posted(base, call("tools/list", {}), { ...type, origin: "http://evil.example" }))[0]).toBe(403);
  for (const method of ["tools/delete", "resources/write", "sampling/createMessage", "__proto__"]) {
    const [, answer] = await posted(base, call(method, {}));
    expect(answer).toContain("Method not found");
  }
  const batch = `[${call("tools/call", { name: "query", arguments: { query: "load" } })}]`;
  expect(await posted(base, batch)).toEqual([400, expect.stringContaining("one by one") as string]);
  const [, long] = await posted(base, call("tools/call", { name: "query", arguments: { query: "vector(1)[5d:1s]" } }));
  expect(long).toContain("the answer has more than 4194304 bytes");
  expect((await fetch(`${base}/mcp`)).status).toBe(405);
  expect((await fetch(`${base}/-/healthy`)).status).toBe(200);
});

test("without the flag there is no endpoint", async () => {
  using workplace = new Workplace();
  await using server = await serve("narthex", workplace, "data", { config: "", flags: [] });
  expect((await posted(server.base, "{}"))[0]).toBe(404);
});

test("without the flag of backtests, the tool names the flag", async () => {
  using workplace = new Workplace();
  await using server = await serve("narthex", workplace, "data", { config: "", flags: ["--web.enable-mcp"] });
  await using assistant = await connected(server);
  const answer = await assistant.ask("backtest", { rules: RULES });
  expect(answer).toEqual({ isError: true, text: expect.stringContaining("--web.enable-backtest") as string });
});
