import { type Frame, valueAt } from "@narthex/dashboards";
import type { QueryAnswer } from "@narthex/datasources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphiteServer } from "../../support/graphite-server.ts";
import { lacks } from "../../support/requirements.ts";
import { AskedSource } from "./asked-source.ts";

const TIMEOUT_MS = 60_000;
const never = (): AbortSignal => new AbortController().signal;
const valuesOf = ({ fields, length }: Frame): unknown[] =>
  Array.from({ length }, (_, row) => valueAt(fields[1]!, row)).filter((value) => value !== null);

describe.skipIf(lacks("graphite"))("data source Graphite", { timeout: TIMEOUT_MS }, () => {
  let server: GraphiteServer;
  let asked: AskedSource;
  /** The last hour, with the minutes of the stored points. */
  let range: { readonly from: number; readonly to: number };

  const ask = async (...targets: readonly string[]): Promise<readonly QueryAnswer[]> => {
    const queries = targets.map((target, at) => ({
      refId: "ABC"[at]!,
      range,
      intervalMs: 60_000,
      maxDataPoints: 1000,
      source: { target },
    }));
    return [...(await asked.source.query(queries, never())).values()];
  };

  beforeAll(async () => {
    server = await GraphiteServer.start();
    asked = new AskedSource({ type: "graphite", url: server.url });
    const now = Date.now();
    range = { from: now - 3_600_000, to: now + 60_000 };
  }, TIMEOUT_MS);

  afterAll(async () => {
    await asked?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  test("series have their names, tags and values, and missing points are null", async () => {
    const [answer] = await ask("srv.*.load");
    expect(answer!.frames.map((frame) => [frame.name, frame.fields[1]!.labels, valuesOf(frame)])).toEqual([
      ["srv.a.load", { name: "srv.a.load" }, [9, 8, 7, 6, 5, 4, 2, 1, 0]],
      ["srv.b.load", { name: "srv.b.load" }, [18, 16, 14, 12, 10, 8, 4, 2, 0]],
    ]);
    expect(answer!.frames[0]!.length).toBeGreaterThan(50);
  });

  test("queries refer to each other, and durations have Graphite's units", async () => {
    const answers = await ask("srv.*.load", "sumSeries(#A)", "movingAverage(#B, '5m')");
    expect(answers.map(({ frames, error }) => [frames.length, error])).toEqual([
      [2, undefined],
      [1, undefined],
      [1, undefined],
    ]);
    expect(valuesOf(answers[1]!.frames[0]!)).toEqual([27, 24, 21, 18, 15, 12, 6, 3, 0]);
    expect(answers[2]!.frames[0]!.name).toBe('movingAverage(sumSeries(srv.*.load),"5min")');
  });

  test.each<[string, number]>([
    ["aliasByNode(srv.*.load, 1)", 2],
    ["alias(srv.a.load, 'é漢😀 \"quoted\"')", 1],
    ["srv.{a,b}.load", 2],
    ["summarize(srv.a.load, '5m', 'max')", 1],
    ["asPercent(srv.*.load)", 2],
    ["divideSeries(srv.a.load, srv.b.load)", 1],
    ["limit(sortByMaxima(srv.*.load), 1)", 1],
    ["constantLine(1e308)", 1],
    ["scale(srv.a.load, 1e308)", 1],
    ["hitcount(srv.a.load, '$__interval')", 1],
    ["nothing.at.all", 0],
    ["", 0],
    ["f(#B)", -1],
    ["#A", -1],
    ["nothing(srv.a.load)", -1],
    ["scale(srv.a.load)", -1],
    ["scale(srv.a.load, 'x')", -1],
  ])("the target %j returns %i series, or an error for -1", async (target, count) => {
    const [answer] = await ask(target);
    if (count < 0) expect(answer!.error).toMatch(/\w{3}/);
    else expect([answer!.frames.length, answer!.error]).toEqual([count, undefined]);
  });

  test("variables, annotations and the test of the source", async () => {
    const { source } = asked;
    const values = async (query: string): Promise<unknown> =>
      (await source.variableValues!(query, range, never())).map(({ value }) => value);
    expect(await values("srv.*")).toEqual(["a", "b"]);
    expect(await values("expand(srv.*.load)")).toEqual(["srv.a.load", "srv.b.load"]);
    expect(await values("tags()")).toEqual([]);
    expect(await source.resource!("metrics", { query: "*" }, never())).toEqual({ metrics: ["srv"] });
    await server.event({ what: "Deploy", tags: ["x", "y"], data: "v2" });
    await server.event({ what: "Other", tags: ["z"], data: "" });
    expect(await source.annotations!({ tags: "x y" }, range, never())).toMatchObject([
      { title: "Deploy", text: "v2", tags: ["x", "y"] },
    ]);
    expect(await source.annotations!({ target: "srv.a.load" }, range, never())).toHaveLength(8);
    expect(await source.health(never())).toEqual({ status: "OK", message: "Successfully connected to Graphite" });
  });

  test("a server that has ended is reported", async () => {
    await server.stop();
    expect(await ask("srv.a.load")).toMatchObject([{ status: 502, frames: [] }]);
    expect(await asked.source.health(never())).toMatchObject({ status: "ERROR" });
  });
});
