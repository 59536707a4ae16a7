import {
  PANEL_ANSWERS_MEDIA_TYPE,
  PANEL_QUESTIONS_MEDIA_TYPE,
  PanelAnswerReader,
  readFrames,
} from "@narthex/dashboards";
import { type DataSource, QueryDesk } from "@narthex/datasources";
import { testHost } from "@narthex/runtime/testing";
import fastify from "fastify";
import { expect, test } from "vitest";
import type { Context } from "../context.ts";
import type { Sources } from "../datasources/sources.ts";
import { withRole } from "../testing/running-role.ts";
import { openQuerying } from "./querying.ts";

const TESTDATA = { uid: "t", name: "T", type: "testdata", access: "proxy", url: "" };
const csv = (refId: string, stringInput: string, more = {}) => ({
  refId,
  datasource: { uid: "t" },
  scenarioId: "csv_metric_values",
  stringInput,
  ...more,
});
const asked = (...queries: object[]) => ({ from: "0", to: "60000", queries });

test("expressions are computed from other queries, and hidden queries are not in the answer", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/datasources", TESTDATA);
    const math = { refId: "B", datasource: { type: "__expr__", uid: "__expr__" }, type: "math", expression: "$A * 2" };
    const { status, json } = await call("POST", "/api/ds/query", asked(csv("A", "1,2", { hide: true }), math));
    expect([status, Object.keys(json.results)]).toEqual([200, ["B"]]);
    expect(json.results.B.frames[0].data.values.at(-1)).toEqual([2, 4]);
    const alone = await call("POST", "/api/ds/query", asked({ ...math, expression: "1 + 1" }));
    expect([alone.status, alone.json.results.B.frames[0].data.values.at(-1)]).toEqual([200, [2]]);
  });
});

test("a missing source does not affect other queries, but a request all of whose sources are missing gets 404", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/datasources", TESTDATA);
    const gone = csv("G", "1", { datasource: { uid: "gone" } });
    const { status, json } = await call("POST", "/api/ds/query", asked(csv("A", "1"), gone));
    expect([status, json.results.A.status, json.results.G]).toMatchObject([
      400,
      200,
      { status: 404, error: 'data source "gone" was not found' },
    ]);
    const nowhere = await call("POST", "/api/ds/query", asked(gone));
    expect([nowhere.status, nowhere.json]).toEqual([404, { message: "Data source not found: gone" }]);
    // A reference with a type but without a uid means a data source of this type.
    const byType = csv("A", "1", { datasource: { type: "testdata" } });
    expect((await call("POST", "/api/ds/query", asked(byType))).status).toBe(200);
  });
});

test("queries count towards the limits of the user who has sent them", async () => {
  const server = fastify();
  server.get("*", () => ({ status: "success", data: { resultType: "scalar", result: [0, "1"] } }));
  const url = await server.listen({ port: 0, host: "127.0.0.1" });
  await withRole({ env: { GF_AUTH_ANONYMOUS_ENABLED: "true" } }, async ({ call }) => {
    const prometheus = { uid: "p", name: "P", type: "prometheus", url, jsonData: { httpMethod: "GET" } };
    await call("POST", "/api/datasources", prometheus);
    const query = (expr: string) => asked({ refId: "A", datasource: { uid: "p" }, expr, instant: true });
    await call("POST", "/api/ds/query", query("1"));
    await call("POST", "/api/ds/query", query("2"), { user: "" });
    await call("POST", "/api/ds/query", query("3"), { user: "" });
    const { users } = (await call("GET", "/api/narthex/querying/users")).json;
    expect(users).toMatchObject([
      { user: "user admin", queries: 1, bytes: expect.any(Number) },
      { user: "anonymous at 127.0.0.1", queries: 2 },
    ]);
    expect((await call("GET", "/api/narthex/querying/users", undefined, { user: "" })).status).toBe(401);
  });
  await server.close();
});

test("identical queries of many viewers are run and encoded once, until the range moves to the next step", async () => {
  let count = 0;
  const server = fastify();
  server.get("*", () => {
    const values = [[0, String(++count)]];
    return { status: "success", data: { resultType: "matrix", result: [{ metric: {}, values }] } };
  });
  const url = await server.listen({ port: 0, host: "127.0.0.1" });
  await withRole({}, async ({ call }) => {
    const settings = { httpMethod: "GET", timeInterval: "1h" };
    await call("POST", "/api/datasources", { uid: "p", name: "P", type: "prometheus", url, jsonData: settings });
    const hour = 3_600_000;
    const query = { refId: "A", datasource: { uid: "p" }, expr: "1", range: true, intervalMs: hour };
    const ask = async (at: number, more = {}, body = query) =>
      (await call("POST", "/api/ds/query", { from: String(at - 9 * hour), to: String(at), queries: [body], ...more }))
        .text;
    // Queries ranges that end in the past and begin within the same step, so that the queries share one answer.
    const begin = Math.floor(Date.now() / hour - 5) * hour;
    const all = await Promise.all([1, 2, 3].map((n) => ask(begin + n * 1000)));
    all.push(await ask(begin + hour - 1));
    expect([new Set(all).size, count]).toEqual([1, 1]);
    // Sends queries that cannot use the cached answer: the range begins in the next step, the expression or the length
    // of the range differs, or the range ends in the future.
    await ask(begin + hour);
    await ask(begin, {}, { ...query, expr: "2" });
    await ask(begin, { from: String(begin - 3 * hour) });
    expect(count).toBe(4);
    await ask(begin + 9 * hour);
    await ask(begin + 9 * hour);
    expect(count).toBe(6);
  });
  await server.close();
});

test("a bug in this program is reported as an internal error, and logged once with its stack", async () => {
  const host = testHost([]);
  const lines: unknown[][] = [];
  const logger = { error: (...line: unknown[]) => lines.push(line) };
  const fault = new TypeError("of undefined");
  const source = { query: () => Promise.reject(fault), variableValues: () => Promise.reject(fault) };
  const desk = new QueryDesk({ clock: host.clock });
  const sourceOf = () => source as unknown as DataSource;
  const visible = () => ({ context: { user: "ann", sourceOf }, referred: sourceOf });
  const context = { clock: host.clock, logger } as unknown as Context;
  const app = fastify();
  app.decorateRequest("principal", { getter: () => ({ kind: "user", name: "ann" }) } as never);
  await openQuerying(context, { instances: { desk }, visible } as unknown as Sources).routes!({ app } as never);
  const ask = (url: string, body: object) => app.inject({ method: "POST", url, payload: body });
  for (let round = 0; round < 2; round++) {
    const answer = await ask("/api/ds/query", asked(csv("A", "1")));
    expect([answer.statusCode, answer.json().results.A]).toEqual([
      500,
      { status: 500, frames: [], error: "An error within the server was encountered; its log says more" },
    ]);
  }
  await ask("/api/narthex/variables/values", { query: "x", from: "0", to: "1" });
  expect(lines).toEqual([[expect.stringContaining("bug in this program"), { err: fault, stack: fault.stack }]]);
});

test("the queries of clients that are not signed in are counted by the client address that a trusted proxy reports", async () => {
  const env = { GF_AUTH_ANONYMOUS_ENABLED: "true", GF_SERVER_TRUSTED_PROXIES: "127.0.0.1" };
  await withRole({ env }, async ({ call }) => {
    const queries = [{ refId: "A", datasource: { uid: "grafana-testdata" }, scenarioId: "random_walk" }];
    for (const address of ["10.0.0.1", "10.0.0.2"])
      await call("POST", "/api/ds/query", { queries }, { user: "", headers: { "x-forwarded-for": address } });
    const { users } = (await call("GET", "/api/narthex/querying/users")).json;
    expect(users).toMatchObject([
      { user: "anonymous at 10.0.0.1", queries: 1 },
      { user: "anonymous at 10.0.0.2", queries: 1 },
    ]);
  });
});

async function askPanels(url: string, heads: readonly object[], panels: readonly unknown[], more: object = {}) {
  const body = [{ panels: heads }, ...panels].map((line) => JSON.stringify(line)).join("\n");
  const headers = { "content-type": PANEL_QUESTIONS_MEDIA_TYPE, authorization: `Basic ${btoa("admin:secret")}` };
  const response = await fetch(`${url}/api/narthex/panels/query`, { method: "POST", headers, body, ...more });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isAnswer = response.headers.get("content-type") === PANEL_ANSWERS_MEDIA_TYPE;
  const answers = isAnswer ? new PanelAnswerReader().read(bytes) : [];
  return { status: response.status, text: new TextDecoder().decode(bytes), answers };
}

const minute = { from: "0", to: "60000" };

test("panels are queried together, and each has its own answer", async () => {
  await withRole({}, async ({ call, url }) => {
    await call("POST", "/api/datasources", TESTDATA);
    const panels = [
      [csv("A", "1,2"), csv("B", "3")],
      [csv("A", "1", { datasource: { uid: "gone" } })],
      [],
      [csv("A", "4"), csv("A", "5")],
    ];
    const { status, answers } = await askPanels(url, [minute, minute, minute, { from: "x", to: "0" }], panels);
    const lines = answers
      .toSorted((a, b) => a.at - b.at)
      .map(({ form, status: one, body }) => [
        form,
        one,
        form === "frames" ? [...readFrames(body).keys()] : new TextDecoder().decode(body),
      ]);
    expect(status).toBe(200);
    expect(lines).toEqual([
      ["frames", 200, ["A", "B"]],
      ["sentence", 404, "Data source not found: gone"],
      ["sentence", 400, "no queries found"],
      ["sentence", 400, "each query needs its own refId"],
    ]);
  });
});

test("an answer is not sent again to a client that has it, and malformed requests are refused", async () => {
  await withRole({}, async ({ call, url }) => {
    await call("POST", "/api/datasources", TESTDATA);
    const panel = [csv("A", "1,2")];
    const [first] = (await askPanels(url, [minute], [panel])).answers;
    const { tag } = first!;
    const [again, other] = (
      await askPanels(
        url,
        [
          { ...minute, has: tag },
          { ...minute, has: tag },
        ],
        [panel, [csv("A", "7")]],
      )
    ).answers;
    expect([tag.length, again, other]).toMatchObject([
      20,
      { form: "unchanged", tag, body: { length: 0 } },
      { form: "frames" },
    ]);
    const refused = await Promise.all([
      askPanels(url, [minute], []),
      askPanels(url, [], []),
      askPanels(url, [minute], [panel], { headers: { "content-type": PANEL_QUESTIONS_MEDIA_TYPE } }),
      askPanels(url, [minute], [panel], { body: "{" }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 401, 400]);
  });
});

test("a panel that waits for its source does not delay the others", async () => {
  let answerSlow = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answerSlow = resolve));
  const server = fastify();
  server.get("*", async () => {
    await asked;
    return { status: "success", data: { resultType: "scalar", result: [0, "1"] } };
  });
  const source = await server.listen({ port: 0, host: "127.0.0.1" });
  await withRole({}, async ({ call, url }) => {
    await call("POST", "/api/datasources", TESTDATA);
    const prometheus = { uid: "p", name: "P", type: "prometheus", url: source, jsonData: { httpMethod: "GET" } };
    await call("POST", "/api/datasources", prometheus);
    const slow = [{ refId: "A", datasource: { uid: "p" }, expr: "1", instant: true }];
    const body = [{ panels: [minute, minute] }, slow, [csv("A", "1")]].map((line) => JSON.stringify(line)).join("\n");
    const headers = { "content-type": PANEL_QUESTIONS_MEDIA_TYPE, authorization: `Basic ${btoa("admin:secret")}` };
    const response = await fetch(`${url}/api/narthex/panels/query`, { method: "POST", headers, body });
    const reader = new PanelAnswerReader();
    const order: number[] = [];
    for await (const piece of response.body!) {
      order.push(...reader.read(piece).map(({ at }) => at));
      if (order.length > 0) answerSlow();
    }
    expect(order).toEqual([1, 0]);
  });
  await server.close();
});
