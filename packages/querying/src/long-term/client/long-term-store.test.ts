import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { parsePrometheusConfig } from "@narthex/config";
import { Labels, Matcher } from "@narthex/model";
import { QueryError } from "@narthex/promql";
import { ManualClock } from "@narthex/runtime/testing";
import { SampleColumns, type SeriesSet } from "@narthex/storage";
import { afterEach, expect, test } from "vitest";
import { longTermQueryable } from "../long-term-source.ts";
import { readStoreMetadata } from "../store-metadata.ts";
import { FailureBackoff } from "./failure-backoff.ts";
import { LongTermReader } from "./long-term-reader.ts";
import { LongTermStore, type StoreOutcome } from "./long-term-store.ts";

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

interface Setting {
  readonly reader: LongTermReader;
  readonly clock: ManualClock;
  readonly outcomes: (readonly [StoreOutcome, number])[];
  readonly changes: (string | undefined)[];
  readonly asked: URLSearchParams[];
}

/** Starts a server that simulates a long-term store, and connects a client to it. */
async function storeOf(answer: RequestListener, external = {}): Promise<Setting> {
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      asked.push(new URLSearchParams(Buffer.concat(pieces).toString()));
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://u:p@127.0.0.1:${(server.address() as AddressInfo).port}`;
  const yaml = `long_term_store: {kind: victoriametrics, url: "${url}", headers: {X-Tenant: t}}`;
  const parsed = parsePrometheusConfig(yaml, "a.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const clock = new ManualClock();
  const outcomes: (readonly [StoreOutcome, number])[] = [];
  const changes: (string | undefined)[] = [];
  const store = await LongTermStore.open({
    config: parsed.value.longTermStore!,
    externalLabels: Labels.of(external),
    userAgent: "test",
    clock,
    backoff: new FailureBackoff(clock),
    observer: {
      ended: (_kind, outcome, _seconds, samples) => void outcomes.push([outcome, samples]),
      changed: (problem) => void changes.push(problem),
    },
  });
  const reader = new LongTermReader();
  reader.replace(store);
  opened.push(async () => {
    reader.replace(undefined);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { reader, clock, outcomes, changes, asked };
}

const select = ({ reader }: Setting, signal?: AbortSignal): Promise<SeriesSet> =>
  longTermQueryable(reader)
    .querier(0, 1000)
    .select([new Matcher("=", "__name__", "up")], { start: 0, end: 5000, ...(signal && { signal }) });

const LINE = '{"metric":{"__name__":"up","site":"far"},"values":[1,2],"timestamps":[10,20]}\n';

test("samples are read without the external labels of this server", async () => {
  const setting = await storeOf((_, response) => response.end(LINE), { site: "far" });
  const set = await select(setting);
  const columns = new SampleColumns();
  set.read(0, 0, 15, columns);
  expect([set.labels.map(String), set.warnings, columns.count]).toEqual([['{__name__="up"}'], [], 1]);
  expect(Object.fromEntries(setting.asked[0]!)).toMatchObject({
    "match[]": '{__name__="up",site="far"}',
    start: "0.000",
    end: "1.000",
  });
  expect(setting.outcomes).toEqual([["success", 2]]);
  // Returns the values of this server's external labels without a request.
  expect(await longTermQueryable(setting.reader).querier(0, 1000).labelValues("site", [])).toEqual([]);
  expect(setting.asked).toHaveLength(1);
});

test("a store that fails causes a warning, and gets no requests for a while", async () => {
  let isBroken = true;
  const setting = await storeOf((_, response) => {
    if (isBroken) response.writeHead(500).end("no disk");
    else response.end(LINE);
  });
  const { clock, asked, changes, outcomes } = setting;
  const first = await select(setting);
  expect(first.labels).toEqual([]);
  expect(first.warnings).toEqual([
    expect.stringMatching(
      /^long_term_store http:\/\/u:xxxxx@127\.0\.0\.1:\d+: \/api\/v1\/export answered 500 .*: no disk$/,
    ),
  ]);
  expect((await select(setting)).warnings).toEqual([expect.stringContaining("no disk (not asked again for 1s)")]);
  expect([asked.length, changes]).toEqual([1, [expect.stringContaining("no disk")]]);
  await clock.advance(1000);
  isBroken = false;
  expect((await select(setting)).labels).toHaveLength(1);
  expect(changes.at(-1)).toBeUndefined();
  expect(outcomes.map(([outcome]) => outcome)).toEqual(["failure", "skipped", "success"]);
});

test("a store that refuses one request gets the next one", async () => {
  let count = 0;
  const setting = await storeOf((_, response) => {
    if (count++ === 0) response.writeHead(422).end("too many series");
    else response.end(LINE);
  });
  expect((await select(setting)).warnings).toEqual([expect.stringContaining("too many series")]);
  expect((await select(setting)).warnings).toEqual([]);
  expect(setting.outcomes.map(([outcome]) => outcome)).toEqual(["refused", "success"]);
});

test.each([
  ["says nothing", () => {}],
  ["does not come to an end", (response: { write(text: string): void }) => response.write(LINE)],
])("a request to a store that %s ends with its timeout", async (_, answer) => {
  const arrived = Promise.withResolvers<void>();
  const setting = await storeOf((_request, response) => {
    answer(response);
    arrived.resolve();
  });
  const selected = select(setting);
  await arrived.promise;
  await setting.clock.advance(10_000);
  const set = await selected;
  expect(set.warnings).toEqual([expect.stringContaining("no whole answer within 10s")]);
  expect(setting.outcomes).toEqual([["failure", 0]]);
});

test("an invalid answer is reported and is counted as a failure", async () => {
  const setting = await storeOf((_, response) => response.end("<html>\n<body>\n"));
  expect((await select(setting)).warnings).toEqual([expect.stringContaining("malformed JSON")]);
  expect(setting.changes).toEqual([expect.stringContaining("malformed JSON")]);
});

test("a cancelled request causes no warning about the store, and is not counted as a failure", async () => {
  const arrived = Promise.withResolvers<void>();
  const setting = await storeOf(() => arrived.resolve());
  const stop = new AbortController();
  const selected = select(setting, stop.signal);
  await arrived.promise;
  const reason = new Error("gone");
  stop.abort(reason);
  await expect(selected).rejects.toBe(reason);
  expect([setting.outcomes, setting.changes, setting.reader.isWell]).toEqual([[["canceled", 0]], [], true]);
});

test("metadata of metrics is read; invalid metadata is reported", async () => {
  const bodies = [
    '{"status":"success","data":{"up":[{"type":"gauge","help":"Is it up?","unit":""}]}}',
    '{"status":"success","data":{"up":7}}',
  ];
  const paths: (string | undefined)[] = [];
  const setting = await storeOf((request, response) => {
    paths.push(request.url);
    response.end(bodies.shift());
  });
  const metadata = await readStoreMetadata(setting.reader, { metric: "up", limit: 3 });
  expect([paths[0], [...metadata.metrics], metadata.warnings]).toEqual([
    "/api/v1/metadata?metric=up&limit=3",
    [["up", [{ type: "gauge", help: "Is it up?", unit: "" }]]],
    [],
  ]);
  const { metrics, warnings } = await readStoreMetadata(setting.reader, { metric: "", limit: undefined });
  expect([paths[1], metrics.size, warnings]).toEqual([
    "/api/v1/metadata",
    0,
    [expect.stringContaining("the response contains no metadata")],
  ]);
});

test("an answer that exceeds the limit of this server is not a failure of the store", async () => {
  const setting = await storeOf((_, response) => response.end(`{"status":"${"x".repeat(2 ** 20)}"}`));
  const { warnings } = await readStoreMetadata(setting.reader, { metric: "", limit: undefined });
  expect(warnings).toEqual([expect.stringContaining("more than 1048576 bytes")]);
  expect([setting.outcomes, setting.changes, setting.reader.isWell]).toEqual([[["refused", 0]], [], true]);
});

test("a store that is still sending when the time is over has not failed", async () => {
  let more = (): void => undefined;
  const setting = await storeOf((_, response) => {
    more = () => void response.write(LINE);
    more();
  });
  const hints = { start: 0, end: 0, step: 0, range: 0, func: "" };
  const read = await setting.reader.read({ minTime: 0, maxTime: 9, matchers: [], hints }, undefined);
  const body = read.answers[0]!.body[Symbol.asyncIterator]();
  await body.next();
  await setting.clock.advance(9000);
  more();
  await body.next();
  const problem = "no whole answer within 10s";
  const last = expect(body.next()).rejects.toThrow(problem);
  await setting.clock.advance(1000);
  await last;
  read.close({ problem, samples: 0 });
  expect([setting.outcomes, setting.reader.isWell]).toEqual([[["refused", 0]], true]);
});

test("the limit for label names does not include the external labels of this server", async () => {
  const answer = '{"status":"success","data":["__name__","a","site","z"]}';
  const setting = await storeOf((_, response) => response.end(answer), { site: "far", zone: "1" });
  const querier = longTermQueryable(setting.reader).querier(0, 1000);
  expect(await querier.labelNames([], { limit: 2 })).toEqual(["__name__", "a"]);
  expect(setting.asked[0]!.get("limit")).toBe("4");
  expect(await querier.labelNames([])).toEqual(["__name__", "a", "z"]);
  expect(setting.asked[1]!.get("limit")).toBeNull();
});

test("the memory of label names and values is charged, and they are refused if there is too little", async () => {
  const setting = await storeOf((_, response) => response.end(`{"status":"success","data":["${"x".repeat(5000)}"]}`));
  const querier = longTermQueryable(setting.reader).querier(0, 1000);
  let taken = 0;
  await querier.labelNames([], { memory: { take: (bytes) => void (taken += bytes) } });
  expect(taken).toBeGreaterThan(5000);
  const none = new QueryError("execution", "none is left");
  const take = (): never => {
    throw none;
  };
  await expect(querier.labelValues("a", [], { memory: { take } })).rejects.toBe(none);
});
