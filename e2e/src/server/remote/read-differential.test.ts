import { cpSync } from "node:fs";
import { ManualClock, memoryLogger, testCases, testSeed } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { appendSeries } from "../../support/append-series.ts";
import { Random } from "../../support/random.ts";
import { lacks } from "../../support/requirements.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { SLICE_MS, writtenSlice } from "../promql/differential/query-series.ts";
import {
  framesOf,
  type ReadFrame,
  type ReadQuery,
  type ReadSeries,
  readRequest,
  seriesOf,
  STALE_HISTOGRAM,
} from "./read-messages.ts";

const SEED = testSeed();
const CALLS = Number(process.env["NARTHEX_CALLS"] ?? testCases(50, 100));
const HOUR = 3_600_000;
const START = 54 * HOUR * 8000;
const END = START + 6 * HOUR;
/** A time after the last sample in the blocks, ms. */
const END_OF_BLOCKS = START + 4 * HOUR;

const CONFIG = "global: {external_labels: {cluster: lab, job: outside, zone: z}}\n";
const FLAGS = ["--storage.remote.read-sample-limit=20000", "--storage.remote.read-max-bytes-in-frame=2000"];
const SAMPLES = 0;
const CHUNKS = 1;

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly encoding: string | null;
  readonly bytes: Uint8Array;
}

test.skipIf(lacks("peers"))(`remote reads are answered as by Prometheus (seed ${SEED})`, async () => {
  using workplace = new Workplace();
  await write(workplace.path("ours"));
  cpSync(workplace.path("ours"), workplace.path("theirs"), { recursive: true });
  const settings = { config: CONFIG, flags: FLAGS };
  await using theirs = await serve("prometheus", workplace, "theirs", settings);
  await using ours = await serve("narthex", workplace, "ours", settings);
  const random = new Random(SEED);
  const seen = { samples: 0, frames: 0, sameFrames: 0, refused: 0 };
  for (let i = 0; i < CALLS; i++) {
    const queries = Array.from(
      {
        length: random.weighted([
          [6, 1],
          [2, 2],
          [1, 3],
        ]),
      },
      (_, n) => drawQuery(random, n === 0),
    );
    const accepted = random.pick([
      [],
      [SAMPLES],
      [CHUNKS],
      [CHUNKS],
      [CHUNKS, SAMPLES],
      [SAMPLES, CHUNKS],
      [7, CHUNKS],
      [7],
    ]);
    const body = readRequest(queries, accepted);
    const [expected, got] = [await read(theirs.base, body), await read(ours.base, body)];
    const about = `call ${i}: ${JSON.stringify({ queries, accepted })}`;
    expect(headOf(got), about).toEqual(headOf(expected));
    if (expected.status !== 200) {
      seen.refused++;
      expect(textOf(got), about).toBe(textOf(expected));
    } else if (expected.type === "application/x-protobuf") {
      const found = withSamples(seriesOf(got.bytes), queries);
      expect(firstDifference(found, withSamples(seriesOf(expected.bytes), queries)), about).toBeUndefined();
      seen.samples += found.length;
    } else {
      const [own, other] = [framesOf(got.bytes), framesOf(expected.bytes)];
      expect(firstDifference(joined(own), joined(other)), about).toBeUndefined();
      seen.frames += own.length;
      // Reports whether all chunks of a frame are in blocks. Both servers then have the same chunks, so their frames
      // must be equal.
      const inBlocks = (frame: ReadFrame): boolean =>
        queries[frame.query]!.end < END_OF_BLOCKS && !frame.samples.some((text) => text.endsWith(STALE_HISTOGRAM));
      const inFrames = (frames: readonly ReadFrame[]): readonly string[] =>
        frames.filter(inBlocks).map(({ labels, chunks, bytes }) => `${labels} ${chunks.join("; ")} ${bytes}`);
      expect(firstDifference(inFrames(own), inFrames(other)), about).toBeUndefined();
      seen.sameFrames += own.filter(inBlocks).length;
    }
  }
  process.stdout.write(`remote read: ${JSON.stringify(seen)}\n`);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  await malformed(theirs.base, ours.base);
});

/** Writes samples into a data folder: two blocks, and the last two hours in the write-ahead log. */
async function write(dir: string): Promise<void> {
  await using db = await openTsdb(dir, { clock: new ManualClock(START), logger: memoryLogger() });
  for (let at = 0; at < END - START; at += SLICE_MS) {
    // oxlint-disable no-await-in-loop -- slices are appended in order of time
    await appendSeries(db.appendable, writtenSlice(START, at / SLICE_MS));
    await db.maintain();
  }
}

const NAMES = ["requests_total", "errors_total", "temperature", "queue", "sparse", "flapping", "limit", "nobody"];

/**
 * Generates a random query of a remote read request. Only the first query of a request may have invalid matchers: once
 * a response has begun, Prometheus writes the error into its body.
 */
function drawQuery(random: Random, isFirst: boolean): ReadQuery {
  const [a, b] = [drawTime(random), drawTime(random)];
  const [start, end] = random.chance(3) ? [b, a] : [Math.min(a, b), Math.max(a, b)];
  const named = random.weighted([
    [8, { type: 0, name: "__name__", value: random.pick(NAMES) }],
    [3, { type: 2, name: "__name__", value: random.pick(["req.*", ".*s", "temp.+|queue", "[a-f].+"]) }],
    [1, { type: 3, name: "__name__", value: "(r|e|t|q|s|f).*" }],
  ]);
  const more = Array.from({ length: random.below(3) }, () =>
    random.pick([
      { type: 0, name: "job", value: "outside" },
      { type: 0, name: "job", value: "api" },
      { type: 0, name: "cluster", value: "lab" },
      { type: 0, name: "cluster", value: "other" },
      { type: 1, name: "cluster", value: "lab" },
      { type: 2, name: "zone", value: "z|y" },
      { type: 2, name: "instance", value: "a.*|b:80" },
      { type: 3, name: "code", value: "4..|" },
      { type: 1, name: "room", value: "attic" },
    ]),
  );
  const matchers = random.weighted([
    [60, [named, ...more]],
    [2, []],
    [1, [{ type: 0, name: "", value: "" }]],
  ]);
  if (isFirst && random.chance(3))
    matchers.push(
      random.pick([
        { type: 9, name: "a", value: "b" },
        { type: 2, name: "a", value: "(" },
      ]),
    );
  if (random.chance(50)) return { start, end, matchers, hints: undefined };
  // Hints within the query's range. For hints outside of it, Prometheus returns all data in its blocks.
  const inner = [start, end].map((time) => time + Math.round((((start + end) / 2 - time) * random.below(5)) / 5));
  const drawn = random.weighted([
    [8, "rate"],
    [4, ""],
    [1, "series"],
  ]);
  // The hint `series` is not used if the range begins after all samples. Prometheus treats the last chunk in memory as
  // endless, and would list its series.
  const func = drawn === "series" && inner[0]! > END ? "" : drawn;
  return { start, end, matchers, hints: { start: inner[0]!, end: inner[1]!, func, step: 15_000, grouping: ["job"] } };
}

/** Generates a random time in ms: at the edge of a block, anywhere in the data, or sometimes far away. */
function drawTime(random: Random): number {
  if (random.chance(5)) return random.pick([0, -(2 ** 50), 2 ** 52]);
  if (random.chance(15)) return START + random.below(4) * 2 * HOUR - random.below(2);
  return START - HOUR + random.below(8 * HOUR);
}

async function read(base: string, body: Uint8Array): Promise<Answer> {
  const response = await fetch(`${base}/api/v1/read`, { method: "POST", body: Uint8Array.from(body) });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    encoding: response.headers.get("content-encoding"),
    bytes: new Uint8Array(await response.arrayBuffer()),
  };
}

/**
 * Returns the parts of a response's head that are compared. The encoding of an error is not compared, because
 * Prometheus marks errors as compressed although they are not.
 */
const headOf = ({ status, type, encoding }: Answer): unknown => ({
  status,
  type,
  encoding: status === 200 && encoding,
});
const textOf = ({ bytes }: Answer): string => Buffer.from(bytes).toString();

/** Returns the first difference between two lists: our text, then Prometheus's. */
function firstDifference(ours: readonly string[], theirs: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [own = "nothing", other = "nothing"] = [ours[i], theirs[i]];
    if (own === other) continue;
    let at = 0;
    while (own[at] === other[at]) at++;
    const part = (text: string): string => `${text.slice(0, 120)} … ${text.slice(Math.max(0, at - 60), at + 200)}`;
    return `${i}: ${part(own)}\nnot ${part(other)}`;
  }
  return undefined;
}

/**
 * Returns the series that have samples, as sorted texts. Series without samples are left out, because a server may or
 * may not send chunks without a sample in the range.
 */
function withSamples(series: readonly ReadSeries[], queries: readonly ReadQuery[]): readonly string[] {
  return series
    .filter(({ query, samples }) => samples.length > 0 || queries[query]!.hints?.func === "series")
    .map(({ query, labels, samples }) => `${query} {${labels}} ${samples.join("; ")}`)
    .toSorted();
}

/** Joins the frames of a streamed answer. Returns one text for each series. */
function joined(frames: readonly ReadFrame[]): readonly string[] {
  const series = new Map<string, string[]>();
  for (const { query, labels, samples } of frames) {
    const key = `${query} {${labels}}`;
    series.set(key, [...(series.get(key) ?? []), ...samples]);
  }
  return Array.from(series, ([key, samples]) => `${key} ${samples.join("; ")}`);
}

async function malformed(theirs: string, ours: string): Promise<void> {
  const whole = readRequest([{ start: START, end: END, matchers: [], hints: undefined }], []);
  const bodies = [
    new Uint8Array(),
    whole.subarray(0, 3),
    Uint8Array.of(2, 4, 10, 99),
    Uint8Array.of(2, 4, 9, 0),
    Uint8Array.of(0),
  ];
  for (const body of bodies) {
    const [expected, got] = [await read(theirs, body), await read(ours, body)];
    expect([got.status, textOf(got)]).toEqual([expected.status, textOf(expected)]);
  }
}
