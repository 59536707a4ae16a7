import { useEnvelope } from "@narthex/http";
import { Labels } from "@narthex/model";
import { createEngine, DEFAULT_FEATURES } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import type { Context } from "../context.ts";
import { backtestRoute } from "./backtest-route.ts";

/** 2023-11-14T22:13:20Z. */
const START = 1_700_000_000_000;

/** Returns a storage whose series `load` is high for eight minutes, two minutes after START. */
async function loadStorage(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const appender = storage.appender();
  const batch = createSampleBatch(80);
  const ref = appender.series(Labels.of({ __name__: "load", instance: "a" }));
  for (let at = 0; at < 80; at++) {
    batch.refs[at] = ref;
    batch.timestamps[at] = START + at * 15_000;
    batch.values[at] = at >= 8 && at < 40 ? 9 : 1;
  }
  batch.count = 80;
  appender.append(batch);
  await appender.commit();
  return storage;
}

/** Returns a server with the route, and the texts of the queries that run in the queue. */
async function server(settings: { evaluate?: QueryLane["evaluate"]; timeoutMs?: number } = {}) {
  const clock = new ManualClock(START + 1_200_000);
  const logger = memoryLogger();
  const storage = await loadStorage();
  const features = DEFAULT_FEATURES;
  const engine = createEngine({ clock, lookbackMs: 300_000, features });
  const queued: string[] = [];
  const app = fastify();
  app.decorateRequest("principal", { getter: () => ({ kind: "anonymous" as const, name: "" }) });
  useEnvelope(app);
  const global = { evaluationIntervalMs: 15_000, ruleQueryOffsetMs: 0, externalLabels: Labels.of({ zone: "z" }) };
  const context = {
    clock,
    logger,
    configuration: { current: { global, alerting: { alertRelabelConfigs: [], alertmanagers: [] } } },
    flags: {
      "query.timeout": settings.timeoutMs ?? 120_000,
      "query.lookback-delta": 300_000,
      "query.max-samples": 1_000_000,
      "rules.alert.resend-delay": 60_000,
    },
    web: { externalUrl: "http://server" },
  } as unknown as Context;
  const evaluate: QueryLane["evaluate"] = (request) => {
    queued.push(request.text);
    const { expr, text } = request;
    return (
      settings.evaluate?.(request) ?? engine.query({ ...request, ...(expr && { expr }), text, queryable: storage })
    );
  };
  backtestRoute(app, { context, storage, lane: { features, evaluate } });
  onTestFinished(() => app.close());
  const post = async (fields: Readonly<Record<string, string>>) => {
    const payload = new URLSearchParams(fields);
    const response = await app.inject({ method: "POST", url: `/narthex/backtest?${payload.toString()}` });
    return { status: response.statusCode, body: response.body, json: response.json<{ data: object; error: string }>() };
  };
  return { app, post, clock, logger, queued };
}

const RULES = `groups:
  - name: g
    rules:
      - { record: load:max, expr: max by (instance) (load) }
      - { alert: High, expr: load:max > 5, for: 1m }
`;
const ALERTMANAGER = `route: { receiver: chat, group_wait: 30s, group_interval: 1m }
receivers: [{ name: chat, slack_configs: [{ api_url: "https://hooks.example.org/very-secret", send_resolved: true }] }]
`;
const RANGE = { from: String(START / 1000), to: String(START / 1000 + 1200) };

test("a posted rule is evaluated over stored samples, with notifications and a comparison", async () => {
  const { post, queued, logger } = await server();
  const against = RULES.replace("> 5", "> 50");
  const { status, json, body } = await post({ ...RANGE, rules: RULES, alertmanager: ALERTMANAGER, against });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    status: "success",
    data: {
      from: "2023-11-14T22:13:20Z",
      rules: [{ name: "load:max" }, { name: "High", summary: { fired: 1 }, occurrences: [{ value: "9" }] }],
      notifications: [
        { receiver: "chat", integration: "slack[0]", firing: [{ alertname: "High", instance: "a", zone: "z" }] },
        { reason: "all alerts resolved" },
      ],
      notNotified: [],
      differences: { added: [{ labels: '{alertname="High", instance="a"}' }], lost: [], notifications: { lost: [] } },
    },
  });
  expect(new Set(queued)).toEqual(new Set(["max by (instance) (load)"]));
  expect(body + JSON.stringify(logger.lines)).not.toContain("very-secret");
});

test("a posted backtest has the behaviours of its alerts", async () => {
  const { post } = await server();
  const behaviours = "behaviours: [{ alert: High, on_no_data: fire, data: nothing }]";
  const { status, json } = await post({ ...RANGE, rules: RULES, against: RULES, behaviours });
  expect(status).toBe(200);
  expect(json).toMatchObject({ data: { differences: { added: [{ labels: '{alertname="High"}' }], lost: [] } } });
  const same = await post({ ...RANGE, rules: RULES, against: RULES, behaviours, against_behaviours: behaviours });
  expect(same.json).toMatchObject({ data: { differences: { added: [], lost: [] } } });
});

test("parameters that cannot be used are refused with 400 and the reason", async () => {
  const { post } = await server();
  const refusals: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ rules: "" }, /^invalid parameter "rules": send the text of a rule file$/],
    [{ rules: "x".repeat(262_145) }, /^invalid parameter "rules": the text has more than 262144 characters$/],
    [
      { rules: RULES.replace("> 5", ">") },
      /^invalid parameter "rules": rules\.yml:5:\d+: .*could not parse expression/,
    ],
    [{ rules: RULES, against: "[]" }, /^invalid parameter "against": rules\.yml:1:1: /],
    [
      { rules: RULES, behaviours: "behaviours: [{ alert: Hig, on_no_data: keep }]" },
      /^invalid parameter "behaviours": behaviours\.yml:1:23: no alert "Hig" in the rule files; write alert: High\?$/,
    ],
    [
      { rules: RULES, against: RULES, against_behaviours: "behaviours: [{ alert: High }]" },
      /^invalid parameter "against_behaviours": behaviours\.yml:1:14: the entry sets no behaviour/,
    ],
    [{ rules: RULES, from: "soon" }, /^invalid parameter "from": "soon" is not a time or a duration such as 7d$/],
    [{ rules: RULES, to: "soon" }, /^invalid parameter "to": "soon" is not a time$/],
    [{ rules: RULES, from: "32d" }, /^invalid parameter "from": the range is longer than 31 days$/],
    [{ rules: RULES, from: "1700009999" }, /^invalid parameter "from": the time must be before/],
    [{ rules: RULES, silences: "[]" }, /^invalid parameter "silences": send the parameter alertmanager, too$/],
    [{ rules: RULES, alertmanager: ALERTMANAGER, silences: "{}" }, /^invalid parameter "silences": not a list/],
    [{ rules: RULES, alertmanager: "receivers: []" }, /^invalid parameter "alertmanager": .*no routes provided/],
    [
      { rules: RULES.replace("name: g", "name: g\n    interval: 1ms"), from: "31d" },
      /^invalid parameter "rules": the rules are evaluated more than 3000000 times/,
    ],
  ];
  for (const [fields, reason] of refusals) {
    // oxlint-disable-next-line no-await-in-loop -- at most two backtests run at the same time
    const { status, json } = await post({ ...RANGE, ...fields });
    expect([status, json.error]).toEqual([400, expect.stringMatching(reason)]);
  }
});

test("a third backtest is refused, and a backtest ends at the timeout", async () => {
  const waiting = Promise.withResolvers<void>();
  let started = 0;
  const evaluate: QueryLane["evaluate"] = ({ signal }) =>
    new Promise((_resolve, reject) => {
      if (++started === 2) waiting.resolve();
      signal!.addEventListener("abort", () => reject(signal!.reason as Error));
    });
  const { post, clock } = await server({ evaluate, timeoutMs: 5000 });
  const running = [post({ ...RANGE, rules: RULES }), post({ ...RANGE, rules: RULES })];
  await waiting.promise;
  const { status, json } = await post({ ...RANGE, rules: RULES });
  expect([status, json.error]).toEqual([500, expect.stringContaining("2 backtests are already running")]);
  await clock.advance(5000);
  for (const { status: ended, json: why } of await Promise.all(running))
    expect([ended, why.error]).toEqual([503, expect.stringContaining("exceeds --query.timeout")]);
});

test("a long configuration of the Alertmanager is read in steps, and its problems have a place", async () => {
  const { post, clock } = await server();
  let now = 0;
  let pauses = 0;
  Object.assign(clock, { monotonic: () => now++, sleep: async () => void pauses++ });
  const routes = "{receiver: a},".repeat(10_000);
  const fields = {
    rules: RULES,
    from: "1h",
    alertmanager: `route: {receiver: a, routes: [${routes}]}\nreceivers: 5\n`,
  };
  const { status, json } = await post(fields);
  expect([status, json.error]).toEqual([400, expect.stringContaining("alertmanager.yml:2:")]);
  expect(pauses).toBeGreaterThan(10);
});
