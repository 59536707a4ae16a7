import { createServer } from "node:http";
import { type FloatHistogram, Labels } from "@narthex/model";
import { staleHistogramLike } from "@narthex/storage/testing";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { eventually } from "../../support/eventually.ts";
import { onLoopback } from "../../support/loopback.ts";
import { instant } from "../../support/query.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { lacks } from "../../support/requirements.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { WriteCalls, writeFirstSample } from "./write-messages.ts";
import { type Entry, WriteRecorder } from "./write-recorder.ts";

const absent = lacks("peers");
const SEED = testSeed();
const CALLS = testCases(75, 150);
const MINUTE = 60_000;

const PAGE = `# HELP requests_total How many requests.
# TYPE requests_total counter
requests_total{code="200"} 7
# HELP temperature_celsius How \\\\ warm\\nit is.
# TYPE temperature_celsius gauge
temperature_celsius 21.5
# TYPE latency_seconds histogram
latency_seconds_bucket{le="1"} 2
latency_seconds_bucket{le="+Inf"} 3
latency_seconds_sum 4
latency_seconds_count 3
`;

/** Returns a remote write configuration with several destinations. Each destination tests a different setting. */
const destinations = (url: string, name: string): string => `
- url: ${url}/${name}/first
  send_exemplars: true
  send_native_histograms: true
  headers: {X-Scope-OrgID: tenant}
  basic_auth: {username: me, password: secret}
  queue_config: {batch_send_deadline: 100ms, max_samples_per_send: 17}
  metadata_config: {send_interval: 1s, max_samples_per_send: 2}
- url: ${url}/${name}/second
  protobuf_message: io.prometheus.write.v2.Request
  send_exemplars: true
  send_native_histograms: true
  queue_config: {batch_send_deadline: 100ms, min_shards: 3}
- url: ${url}/${name}/plain
  name: plain
  queue_config: {batch_send_deadline: 100ms}
  metadata_config: {send: false}
  write_relabel_configs:
  - {source_labels: [__name__], regex: "metric_[0-4]", action: drop}
  - {source_labels: [instance], regex: 'host-(.*):.*', target_label: host}
  - {regex: instance, action: labeldrop}
`;

const config = (target: number, url: string, name: string): string => `
global: {scrape_interval: 1s, external_labels: {cluster: c1, job: "not that", zz: last}}
scrape_configs:
- job_name: page
  static_configs: [{targets: ["127.0.0.1:${target}"]}]
remote_write:${destinations(url, name)}`;

const FLAGS = [
  "--web.enable-remote-write-receiver",
  "--enable-feature=native-histograms,exemplar-storage,metadata-wal-records",
];

/**
 * Reports whether a sent entry is an accepted difference: a histogram with custom buckets in remote write 1.0, which
 * later Prometheus versions do not send, or a stale histogram, because the API does not show whether it is stored.
 */
const isAccepted = (path: string, { kind, text }: Entry): boolean =>
  kind === "histogram" &&
  ((path.endsWith("first") && / 4=69 /.test(` ${text} `)) || text.startsWith("3=020000000000f07f"));

interface HistogramSeries {
  readonly metric: { readonly __name__: string };
  readonly histograms: readonly (readonly [seconds: number, value: unknown])[];
}

/** Resolves with the name and time of each stored histogram, except stale ones. */
async function storedHistograms(base: string, until: number): Promise<ReadonlySet<string>> {
  const series = (await instant(
    base,
    '{__name__=~"native_.+"}[1h]',
    until / 1000,
  )) as unknown as readonly HistogramSeries[];
  return new Set(
    series.flatMap(({ metric, histograms }) =>
      histograms.map(([seconds]) => `${metric.__name__} ${Math.round(seconds * 1000)}`),
    ),
  );
}

/**
 * Reports whether Prometheus stored a sent entry. Some sent entries are not stored: Prometheus sends float histograms
 * of a request that it has rolled back, and both servers send histograms that are refused when they are committed.
 */
const isStored = ({ kind, series, text, time }: Entry, histograms: ReadonlySet<string>): boolean =>
  kind !== "histogram" || text.startsWith("1=") || histograms.has(`${/__name__=(\w+)/.exec(series)![1]!} ${time}`);

/** Returns the sent entries to compare: the entries of the test's API requests, whose times are after `after`. */
const sentTo = (recorder: WriteRecorder, path: string, after: number): readonly Entry[] =>
  recorder
    .entries(path)
    .filter(({ kind, time }) => kind !== "metadata" && time > after)
    .filter((entry) => !isAccepted(path, entry));

const linesOf = (entries: readonly Entry[]): string[] =>
  entries.map(({ kind, series, text }) => `${kind} {${series}} ${text}`).toSorted();

const metadataOf = (entries: readonly Entry[], isWanted: (series: string) => boolean): string[] =>
  [
    ...new Set(
      entries
        .filter(({ kind, series }) => kind === "metadata" && isWanted(series))
        .map(({ series, text }) => `${series}: ${text}`),
    ),
  ].sort();

/** Returns the newest sent metadata of the scraped metrics, by name. */
const newestMetadata = (entries: readonly Entry[]): Record<string, string> =>
  Object.fromEntries(
    entries
      .filter(({ kind, series }) => kind === "metadata" && /^__name__=(requests|temperature|latency)/.test(series))
      .map(({ series, text }) => [series, text]),
  );

test.skipIf(absent)(`ours sends the same as Prometheus (seed ${SEED})`, async () => {
  using workplace = new Workplace();
  await using recorder = await WriteRecorder.open();
  const page = createServer((_request, response) =>
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(PAGE),
  );
  await using target = await onLoopback(page);
  const settings = (name: string): { config: string; flags: readonly string[] } => ({
    config: config(target.port, recorder.url, name),
    flags: FLAGS,
  });
  await using theirs = await serve("prometheus", workplace, "theirs", settings("theirs"));
  await using ours = await serve("narthex", workplace, "ours", settings("ours"));
  // The times are in the future, because Prometheus does not send samples that are older than its queue.
  const after = Date.now() + MINUTE;
  await writeFirstSample([theirs, ours], after);
  const calls = new WriteCalls(new Random(SEED), after + 32 * MINUTE, -Infinity);
  for (let i = 0; i < CALLS; i++) {
    const { headers, body } = calls.next();
    for (const { base } of [theirs, ours]) {
      await fetch(`${base}/api/v1/write`, { method: "POST", headers, body: Uint8Array.from(body) });
    }
  }
  const histograms = await storedHistograms(theirs.base, after + 20 * MINUTE);
  for (const path of ["first", "second", "plain"]) {
    await eventually(
      `all is sent to ${path}`,
      async () => {
        const of = (name: string): string[] =>
          linesOf(sentTo(recorder, `/${name}/${path}`, after).filter((entry) => isStored(entry, histograms)));
        const [expected, got] = [of("theirs"), of("ours")] as const;
        expect(expected.length).toBeGreaterThan(50);
        expect({ missing: without(expected, got), more: without(got, expected) }).toEqual({
          missing: [],
          more: [],
        });
      },
      15_000,
    );
  }
  for (const path of ["first", "second", "plain"])
    expect(orders(recorder, `/ours/${path}`, after)).toEqual(orders(recorder, `/theirs/${path}`, after));
  const scraped = (series: string): boolean => /^(requests_total|temperature|latency)/.test(series);
  await eventually("metadata is sent", async () => {
    const [expected, got] = ["theirs", "ours"].map((name) => metadataOf(recorder.entries(`/${name}/first`), scraped));
    expect(expected).toHaveLength(3);
    expect(got).toEqual(expected);
  });
  expect(headersOf(recorder, "ours")).toEqual(headersOf(recorder, "theirs"));
  await eventually("metadata is sent beside samples", async () => {
    const [expected, got] = ["theirs", "ours"].map((name) => newestMetadata(recorder.entries(`/${name}/second`)));
    expect(Object.keys(expected!)).toHaveLength(6);
    expect(got).toEqual(expected);
  });
  expect(await ownFamilies(ours.base)).toEqual(await ownFamilies(theirs.base));
});

const HISTOGRAM: FloatHistogram = {
  count: 5,
  sum: 7.5,
  schema: 3,
  zeroThreshold: 0.001,
  zeroCount: 1,
  resetHint: "unknown",
  positiveSpans: [{ offset: 1, length: 2 }],
  positiveBuckets: Float64Array.of(1, 3),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customBounds: undefined,
};
const STALE = new Float64Array(BigUint64Array.of(0x7ff0000000000002n).buffer);

/** Writes histogram series that end in each possible way, and start again later. */
async function writeEnds(base: string, begin: number): Promise<void> {
  for (const [second, isEnd] of [false, true, false].entries()) {
    const timestamps = [begin + second * 1000];
    const series = [true, false].flatMap((integer) => {
      const histogram = { ...HISTOGRAM, integer };
      const ends = [{ ...histogram, stale: true }, staleHistogramLike(histogram), undefined];
      return ends.map((end, i) => ({
        labels: Labels.of({ __name__: `ended_${i}_${integer}` }),
        timestamps,
        values: isEnd && end === undefined ? STALE : new Float64Array(0),
        histograms: isEnd ? (end === undefined ? [] : [end]) : [histogram],
      }));
    });
    await remoteWrite(base, series);
  }
}

test.skipIf(absent)("stale markers of histogram series are sent as by Prometheus", async () => {
  using workplace = new Workplace();
  await using recorder = await WriteRecorder.open();
  const settings = (name: string): { config: string; flags: readonly string[] } => ({
    config: `remote_write:${destinations(recorder.url, name)}`,
    flags: FLAGS,
  });
  await using theirs = await serve("prometheus", workplace, "theirs", settings("theirs"));
  await using ours = await serve("narthex", workplace, "ours", settings("ours"));
  const begin = Date.now() + MINUTE;
  for (const { base } of [theirs, ours]) await writeEnds(base, begin);
  for (const path of ["first", "second"]) {
    await eventually(`all is sent to ${path}`, async () => {
      const of = (name: string): string[] =>
        linesOf(recorder.entries(`/${name}/${path}`).filter(({ kind, time }) => kind !== "metadata" && time >= begin));
      expect(of("theirs")).toHaveLength(18);
      expect(of("ours")).toEqual(of("theirs"));
    });
  }
});

/** Returns the elements of `a` that occur more often than in `b`. */
function without(a: readonly string[], b: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of b) counts.set(text, (counts.get(text) ?? 0) + 1);
  return a.filter((text) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
}

/** Returns the sent samples of each series in the order of arrival. */
function orders(recorder: WriteRecorder, path: string, after: number): Record<string, string[]> {
  const bySeries = Map.groupBy(
    recorder.entries(path).filter(({ kind, time }) => kind === "sample" && time > after),
    ({ series }) => series,
  );
  return Object.fromEntries([...bySeries].map(([series, entries]) => [series, entries.map(({ text }) => text)]));
}

const HEADERS = [
  "content-type",
  "content-encoding",
  "x-prometheus-remote-write-version",
  "x-scope-orgid",
  "authorization",
];

const headersOf = (recorder: WriteRecorder, name: string): unknown =>
  ["first", "second", "plain"].map((path) => {
    const { headers } = recorder.requests.get(`/${name}/${path}`)![0]!;
    return HEADERS.map((header) => headers[header]);
  });

/**
 * Resolves with the server's own metrics about remote write: family names with their labels, sorted. Queue names are
 * removed, because they depend on the URL. The counter of custom buckets that remote write 1.0 leaves out is removed,
 * because the compared version does not have it.
 */
async function ownFamilies(base: string): Promise<readonly string[]> {
  const page = await (await fetch(`${base}/metrics`)).text();
  return page
    .split("\n")
    .filter(
      (line) => /prometheus_(remote_storage|wal_watcher)_/.test(line) && !line.includes("histograms_dropped_total"),
    )
    .map((line) => (line.startsWith("#") ? line : line.replace(/ \S+$/, "")))
    .map((line) => line.replace(/(remote_name|consumer)="[0-9a-f]{6}"/, '$1="made"').replaceAll(/(theirs|ours)\//g, ""))
    .sort();
}
