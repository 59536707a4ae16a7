import { type Frame, valueAt } from "@narthex/dashboards";
import { afterEach, expect, test } from "vitest";
import { openDataSource } from "../registry.ts";
import { environmentAt, type FakeAnswer, FakeServer, never, queryOf, settingsOf } from "../testing/fake-server.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const ALERT = {
  labels: { alertname: "Down", job: "a" },
  annotations: { summary: "it is down", job: "not this" },
  startsAt: "1970-01-01T00:00:10.000Z",
  endsAt: "1970-01-01T00:01:00.000Z",
  status: { state: "suppressed", silencedBy: ["s1", "s2"], inhibitedBy: [] },
  receivers: [{ name: "team" }],
  generatorURL: "http://g",
  fingerprint: "f",
};
const ANSWERS: Readonly<Record<string, unknown>> = {
  "/api/v2/alerts": [ALERT, { labels: { alertname: "Up", zone: "z" }, startsAt: "x" }, 7],
  "/api/v2/alerts/groups": [{ labels: {}, receiver: { name: "g" }, alerts: [ALERT] }],
  "/api/v2/silences": [
    {
      id: "s1",
      status: { state: "active" },
      matchers: [
        { name: "a", value: 'b"', isRegex: false, isEqual: true },
        { name: "c", value: "d", isRegex: true, isEqual: false },
      ],
      startsAt: "1970-01-01T00:00:01Z",
      endsAt: "1970-01-01T00:00:02Z",
      updatedAt: "1970-01-01T00:00:01Z",
      createdBy: "me",
      comment: "quiet",
    },
  ],
  "/api/v2/receivers": [{ name: "team" }],
  "/api/v2/status": {
    versionInfo: { version: "0.28" },
    cluster: { status: "ready", peers: [{}] },
    uptime: "1970-01-01T00:00:01Z",
  },
};

async function rig(answer: (path: string) => FakeAnswer = (path) => [200, ANSWERS[path]], jsonData = {}) {
  const server = await FakeServer.open(({ path }) => answer(path));
  const source = openDataSource(settingsOf("alertmanager", server.url, { jsonData }), environmentAt(0));
  opened.push(server, source);
  return { server, source };
}

const rowsOf = (frame: Frame): unknown =>
  Array.from({ length: frame.length }, (_, row) =>
    Object.fromEntries(frame.fields.map((field) => [field.name, valueAt(field, row)])),
  );

test("alerts are returned as a table with a column for each label and annotation", async () => {
  const { server, source } = await rig();
  const target = { queryType: "alerts", filter: ['job=~"a,b"'], receiver: "team", silenced: true };
  const { frames, status } = (await source.query([queryOf(target)], never())).get("A")!;
  expect(status).toBe(200);
  expect(server.requests[0]!.parameters).toEqual({
    active: "true",
    silenced: "true",
    inhibited: "false",
    unprocessed: "false",
    receiver: "team",
    filter: 'job=~"a,b"',
  });
  expect(rowsOf(frames[0]!)).toEqual([
    {
      startsAt: 10_000,
      endsAt: 60_000,
      state: "suppressed",
      alertname: "Down",
      job: "a",
      zone: "",
      summary: "it is down",
      silencedBy: "s1, s2",
      inhibitedBy: "",
      receivers: "team",
      generatorURL: "http://g",
      fingerprint: "f",
    },
    {
      startsAt: null,
      endsAt: null,
      state: "",
      alertname: "Up",
      job: "",
      zone: "z",
      summary: "",
      silencedBy: "",
      inhibitedBy: "",
      receivers: "",
      generatorURL: "",
      fingerprint: "",
    },
  ]);
});

test.each([
  ["groups", [expect.objectContaining({ alertname: "Down", receivers: "g" })]],
  [
    "silences",
    [expect.objectContaining({ id: "s1", matchers: String.raw`a="b\"", c!~"d"`, state: "active", startsAt: 1000 })],
  ],
  ["receivers", [{ name: "team" }]],
  ["status", [{ version: "0.28", cluster: "ready", peers: "1", startsAt: 1000 }]],
])("%s are a table", async (queryType, rows) => {
  const { source } = await rig();
  const { frames } = (await source.query([queryOf({ queryType })], never())).get("A")!;
  expect(rowsOf(frames[0]!)).toEqual(rows);
});

test("a table has at most 5000 rows, with a notice if there are more", async () => {
  const { source } = await rig(() => [200, Array.from({ length: 5001 }, () => ALERT)]);
  const { frames } = (await source.query([queryOf({ filters: 'a="b", c="d,e"' })], never())).get("A")!;
  expect([frames[0]!.length, frames[0]!.meta!.notices]).toEqual([
    5000,
    [{ severity: "warning", text: expect.stringContaining("5001 rows") }],
  ]);
});

test("a variable has the values of a label, and each alert is an annotation", async () => {
  const { server, source } = await rig(undefined, { implementation: "prometheus" });
  const range = { from: 0, to: 30_000 };
  expect(await source.variableValues!('label_values(job="a", alertname)', range, never())).toEqual([
    { text: "Down", value: "Down" },
    { text: "Up", value: "Up" },
  ]);
  expect(server.requests[0]!.parameters).toMatchObject({ filter: 'job="a"', silenced: "true" });
  expect(await source.annotations!({}, range, never())).toEqual([
    { time: 10_000, timeEnd: 30_000, title: "Down", text: "it is down", tags: ["alertname=Down", "job=a"] },
  ]);
  await expect(source.variableValues!("metrics(a)", range, never())).rejects.toThrow("label_values(label)");
});

test("the health check queries the status, and Mimir is queried below its own path", async () => {
  const { server, source } = await rig((path) => [200, ANSWERS[path.replace("/alertmanager", "")]], {
    implementation: "mimir",
  });
  expect(await source.health(never())).toEqual({ status: "OK", message: "Health check passed." });
  expect(server.requests[0]!.path).toBe("/alertmanager/api/v2/status");
});

test.each([
  [400, '"bad matcher format: x"', 400, "the data source answered 400 Bad Request: bad matcher format: x"],
  [500, "<html>", 502, "the data source answered 500 Internal Server Error"],
  [401, "", 400, "Authentication to data source failed"],
  [200, "<html>", 502, "the data source does not answer as an Alertmanager does"],
] as const)("an answer %i %s of the server becomes %i %s", async (given, body, status, error) => {
  const { source } = await rig(() => [given, body]);
  expect((await source.query([queryOf({})], never())).get("A")).toEqual({ frames: [], status, error });
});
