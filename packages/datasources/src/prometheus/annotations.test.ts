import { afterEach, expect, test } from "vitest";
import { openDataSource } from "../registry.ts";
import { annotationQuery } from "./annotations.ts";
import { queryStep } from "./query-step.ts";
import { readTarget } from "./target.ts";
import { environmentAt, FakeServer, never, settingsOf } from "../testing/fake-server.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function annotations(query: Readonly<Record<string, unknown>>, values: readonly (readonly [number, string])[]) {
  const result = [{ metric: { alertname: "Down", job: "a", zone: "z" }, values }];
  const server = await FakeServer.open(() => [200, { status: "success", data: { resultType: "matrix", result } }]);
  const source = openDataSource(settingsOf("prometheus", server.url), environmentAt(0));
  opened.push(server, source);
  return { marks: await source.annotations!(query, { from: 0, to: 600_000 }, never()), asked: server.requests[0] };
}

test("points above 0 whose distance is at most a step form one region", async () => {
  const query = {
    expr: "ALERTS",
    step: "30s",
    titleFormat: "{{alertname}}",
    textFormat: "on {{ job }}",
    tagKeys: "zone, job",
  };
  const values = [
    [0, "0"],
    [30, "1"],
    [60, "2"],
    [90, "0"],
    [120, "1"],
    [300, "NaN"],
  ] as const;
  const { marks, asked } = await annotations(query, values);
  const shared = { title: "Down", text: "on a", tags: ["a", "z"] };
  expect(marks).toEqual([
    { time: 30_000, timeEnd: 60_000, ...shared },
    { time: 120_000, ...shared },
  ]);
  expect(asked!.parameters).toMatchObject({ query: "ALERTS", step: "30", start: "0", end: "600" });
});

test("the values can be the times of annotations, and the query can be in a target", async () => {
  const { marks, asked } = await annotations({ target: { expr: "t[$__interval]" }, useValueForTime: true }, [
    [60, "5000"],
    [120, "900000.7"],
    [180, "NaN"],
  ]);
  expect(marks.map(({ time, timeEnd }) => [time, timeEnd])).toEqual([
    [5000, undefined],
    [900_000, undefined],
  ]);
  expect(asked!.parameters).toMatchObject({ query: "t[1m]", step: "60" });
});

test("an annotation without a query returns nothing", async () => {
  expect((await annotations({}, [])).marks).toEqual([]);
});

test("an annotation query and a panel request at most the number of points that Prometheus allows, whatever the range", () => {
  for (let hours = 1; hours < 24 * 4000; hours = Math.ceil(hours * 1.1)) {
    const to = hours * 3_600_000;
    const { stepMs } = annotationQuery({ expr: "up" }, { from: 0, to });
    expect(to / stepMs).toBeLessThanOrEqual(11_000);
    const panel = { refId: "A", range: { from: 0, to }, intervalMs: 1000, maxDataPoints: 1e6, source: {} };
    expect(to / queryStep(readTarget({ expr: "up" }), panel, 15_000).stepMs).toBeLessThanOrEqual(11_000);
  }
});
