// The answers are written after the examples of InfluxDB's published documentation of annotated CSV. No InfluxDB of
// version 2 runs in this test.
import { type Frame, valueAt } from "@narthex/dashboards";
import { afterEach, expect, test, vi } from "vitest";
import { openDataSource } from "../../registry.ts";
import { environmentAt, type FakeAnswer, FakeServer, never, queryOf, settingsOf } from "../../testing/fake-server.ts";
import { CELLS_A_STEP } from "../column-steps.ts";
import { fluxFrames } from "./flux-frames.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function rig(answer: FakeAnswer, jsonData = {}) {
  const server = await FakeServer.open(() => answer);
  const settings = { version: "Flux", organization: "my org", defaultBucket: 'b"1', ...jsonData };
  const source = openDataSource(settingsOf("influxdb", server.url, { jsonData: settings }), environmentAt(0));
  opened.push(server, source);
  const ask = async (query: string) => (await source.query([queryOf({ query })], never())).get("A")!;
  return { server, source, ask };
}

const columns = (frame: Frame): unknown =>
  frame.fields.map((field) => [field.name, Array.from({ length: frame.length }, (_, row) => valueAt(field, row))]);

const SERIES = [
  "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string",
  "#group,false,false,true,true,false,false,true,true,true",
  "#default,_result,,,,,,,,",
  ",result,table,_start,_stop,_time,_value,_field,_measurement,host",
  ",,0,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,1970-01-01T00:00:01Z,1.5,usage,cpu,a",
  ",,0,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,1970-01-01T00:00:02.5Z,,usage,cpu,a",
  ',,1,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,1970-01-01T00:00:01Z,+Inf,usage,cpu,"b, ""c"""',
  "",
  "#datatype,string,long,string,boolean,dateTime:RFC3339",
  "#group,false,false,false,false,false",
  "#default,_result,,none,,",
  ",result,table,name,ok,at",
  ",,2,x,true,1970-01-01T00:00:01Z",
  ',,2,,,"1970-01-01T00:00:02Z"',
].join("\r\n");

test("tables with times and values become series, and other tables keep their columns", async () => {
  const { server, ask } = await rig([200, SERIES]);
  const { frames } = await ask(
    "from(bucket: v.defaultBucket) |> range(start: v.timeRangeStart, stop: v.timeRangeStop)",
  );
  expect(frames.map(columns)).toEqual([
    [
      ["Time", [1000, 2500]],
      ["usage", [1.5, null]],
    ],
    [
      ["Time", [1000]],
      ["usage", [Infinity]],
    ],
    [
      ["result", ["_result", "_result"]],
      ["table", [2, 2]],
      ["name", ["x", "none"]],
      ["ok", [true, null]],
      ["at", [1000, 2000]],
    ],
  ]);
  expect(frames.map(({ name, fields }) => [name, fields[1]!.labels])).toEqual([
    ["cpu", { host: "a" }],
    ["cpu", { host: 'b, "c"' }],
    [undefined, undefined],
  ]);
  expect(frames[0]!.meta!.executedQueryString).toBe(
    String.raw`from(bucket: "b\"1") |> range(start: 1970-01-01T00:00:00.000Z, stop: 1970-01-01T00:01:00.000Z)`,
  );
  expect(server.requests).toMatchObject([
    {
      method: "POST",
      path: "/api/v2/query",
      headers: { accept: "application/csv", "content-type": "application/json" },
      parameters: { org: "my org" },
    },
  ]);
});

test("windows and intervals are replaced", async () => {
  const { ask } = await rig([200, SERIES]);
  const { frames } = await ask("v.windowPeriod $__interval $__interval_ms v.organization r.host");
  expect(frames[0]!.meta!.executedQueryString).toBe('15000ms 15s 15000 "my org" r.host');
});

test.each([
  [400, { code: "invalid", message: "bad\nquery" }, 400, "InfluxDB returned error: bad query"],
  [
    200,
    "#datatype,string,long\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,failed late,897\r\n",
    400,
    "failed late",
  ],
  [200, "error,reference\r\nfailed early,897", 400, "InfluxDB returned error: failed early"],
  [200, ',a\r\n,"open', 502, "a quoted cell does not end"],
  [200, ',a\r\n,"x"y', 502, "text follows a quoted cell"],
  [200, `,a\r\n${",".repeat(20_000)}`, 502, "more than 10000 cells"],
])("the answer %s %j is reported", async (given, body, status, error) => {
  const { ask } = await rig([given, body]);
  expect(await ask("x")).toMatchObject({ frames: [], status, error: expect.stringContaining(error) });
});

test("a query with more series than the source allows fails", async () => {
  const { ask } = await rig([200, SERIES], { maxSeries: 2 });
  expect(await ask("x")).toMatchObject({ status: 422, error: expect.stringContaining("more than 2 series") });
});

test("variables, annotations and the test of the source read tables", async () => {
  const { source } = await rig([200, ",result,table,_value\r\n,,0,a\r\n,,0,b\r\n,,1,a"]);
  const range = { from: 0, to: 1000 };
  expect(await source.variableValues!("buckets()", range, never())).toEqual([
    { text: "a", value: "a" },
    { text: "b", value: "b" },
  ]);
  expect(await source.health(never())).toEqual({ status: "OK", message: "datasource is working. 3 buckets found" });
  const { source: events } = await rig([
    200,
    "#datatype,string,long,dateTime:RFC3339,string\r\n,result,table,_time,text\r\n,,0,1970-01-01T00:00:01Z,Deploy",
  ]);
  expect(await events.annotations!({ query: "x" }, range, never())).toEqual([
    { time: 1000, title: "", text: "Deploy", tags: [] },
  ]);
});

test("an answer with a million unknown annotations, or with many columns in many tables, is read in bounded time", async () => {
  const unknown = Array.from({ length: 1_000_000 }, (_, at) => `#a${at}`).join("\n");
  const { ask } = await rig([200, `${unknown}\n${SERIES}`]);
  expect((await ask("x")).frames).toHaveLength(3);
  const names = Array.from({ length: 5000 }, (_, at) => `c${at}`);
  const header = ["#datatype,string,long,dateTime:RFC3339,double", ",result,table,_time,_value"];
  const lines = [header[0], [header[1], ...names].join(",")];
  for (let table = 0; table < 400; table++) lines.push(`,,${table},1970-01-01T00:00:01Z,1`);
  const wide = await rig([200, lines.join("\n")]);
  const { frames } = await wide.ask("x");
  expect(frames).toHaveLength(400);
  expect(Object.keys(frames[399]!.fields[1]!.labels!)).toHaveLength(5000);
});

test("the columns of a long table are converted in short steps", () => {
  const rows = 20_000;
  const header = "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339\n,result,table,_time,_value";
  const csv = `${header}\n${",,0,1970-01-01T00:00:01Z,1970-01-01T00:00:02Z\n".repeat(rows)}`;
  const parse = vi.spyOn(Date, "parse");
  const steps = fluxFrames(csv, { refId: "A", text: "x", maxSeries: 1, take: () => undefined });
  let most = 0;
  for (let isDone = false; !isDone;) {
    const before = parse.mock.calls.length;
    isDone = steps.next().done === true;
    most = Math.max(most, parse.mock.calls.length - before);
  }
  const all = parse.mock.calls.length;
  parse.mockRestore();
  expect([all, most]).toEqual([2 * rows, CELLS_A_STEP]);
});
