import { existsSync } from "node:fs";
import { join } from "node:path";
import { isStaleAt, Labels, wordsOf } from "@narthex/model";
import { ManualClock, memoryLogger, testCases, testSeed } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { expect, test } from "vitest";
import { appendSeries } from "../../support/append-series.ts";
import { Random } from "../../support/random.ts";
import { freePort } from "../../support/ports.ts";
import { remoteWrite, type WrittenSeries } from "../../support/remote-write.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { Running } from "../../support/running.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { QueryDifferential } from "../promql/differential/query-differential.ts";
import { SLICE_MS, writtenSlice } from "../promql/differential/query-series.ts";
import { metricsOf } from "./long-term-store-metrics.ts";

/**
 * Seed of the random queries. By default the seed is fixed, so every run sends the same queries. Other seeds find rarer
 * cases.
 */
const SEED = testSeed();
const QUERIES = Number(process.env["NARTHEX_STORE_QUERIES"] ?? testCases(50, 100));
const HOUR = 3_600_000;
/**
 * Length of all data in hours. The last two hours are also in the server's local storage. NARTHEX_STORE_HOURS=336 is
 * two weeks.
 */
const HOURS = Number(process.env["NARTHEX_STORE_HOURS"] ?? 5);
const START = 54 * HOUR * 8000;
const SLICES = (HOURS * HOUR) / SLICE_MS;
const FIRST_LOCAL = SLICES - (2 * HOUR) / SLICE_MS;
const FEATURES = "--enable-feature=promql-experimental-functions,promql-duration-expr,native-histograms";

/** Configuration of the sender. Its external label `site` is only on samples that were sent to the store. */
const EXTERNAL = "global: {evaluation_interval: 1m, external_labels: {site: far}}\n";
const PLAIN = "global: {evaluation_interval: 1m}\n";

type SeriesFilter = (series: WrittenSeries) => boolean;

const everything: SeriesFilter = () => true;

/** Reports whether VictoriaMetrics returns a series exactly as it was sent. Only such series are compared. */
const victoriaKeeps: SeriesFilter = ({ labels, values, histograms }) => {
  // VictoriaMetrics converts native histograms to its own form.
  if (histograms.length > 0) return false;
  // VictoriaMetrics stores a block of samples with one decimal exponent. A wide range of values, -0 and the last digits
  // are therefore lost.
  if (["huge", "tiny", "zero", "precise", "cancelling"].includes(labels.get("kind"))) return false;
  // VictoriaMetrics does not store NaN.
  const words = wordsOf(values);
  return values.every((value, i) => !Number.isNaN(value) || isStaleAt(words, i));
};

/**
 * Reports whether the query API returns a series as it was stored. The API omits stale markers and returns histograms
 * in another form.
 */
const queryGives: SeriesFilter = ({ labels, histograms }) =>
  histograms.length === 0 && !["flapping", "target_info"].includes(labels.get("__name__"));

/**
 * Rounds the samples of a series to nine digits. VictoriaMetrics keeps about twelve digits if samples need different
 * exponents, and stores differences between samples, which loses some of these digits.
 */
function inNineDigits(series: WrittenSeries): WrittenSeries {
  const values = series.values.slice();
  for (const [i, value] of values.entries()) if (Number.isFinite(value)) values[i] = Number(value.toPrecision(9));
  return { ...series, values };
}

const asSent = (keeps: SeriesFilter): ((series: WrittenSeries) => WrittenSeries) =>
  keeps === victoriaKeeps ? inNineDigits : (series) => series;

interface Store extends AsyncDisposable {
  readonly base: string;
}

interface Engine {
  readonly about: string;
  readonly kind: string;
  readonly keeps: SeriesFilter;
  readonly open: (workplace: Workplace) => Promise<Store>;
}

const sent = (slice: number, keeps: SeriesFilter): WrittenSeries[] =>
  writtenSlice(START, slice)
    .filter(keeps)
    .map((series) => ({ ...asSent(keeps)(series), labels: withSite(series.labels) }));

const withSite = (labels: Labels): Labels => Labels.of([...labels, ["site", "far"]]);

async function openVictoria(workplace: Workplace): Promise<Store> {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const running = new Running(join(peers, "victoria-metrics"), [
    `-storageDataPath=${workplace.path("victoria")}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-retentionPeriod=100y",
  ]);
  await running.ready(`${base}/health`);
  for (let slice = 0; slice < SLICES; slice++) {
    // oxlint-disable-next-line no-await-in-loop -- slices are sent in order of time
    await remoteWrite(base, sent(slice, victoriaKeeps));
  }
  await fetch(`${base}/internal/force_flush`);
  return { base, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

async function openPrometheus(workplace: Workplace, keeps: SeriesFilter): Promise<Store> {
  await write(workplace.path("store"), 0, (slice) => sent(slice, keeps));
  return serve("prometheus", workplace, "store", { config: PLAIN, flags: [] });
}

const ENGINES: readonly Engine[] = [
  {
    about: "VictoriaMetrics, by its export",
    kind: "victoriametrics",
    keeps: victoriaKeeps,
    open: (workplace) => openVictoria(workplace),
  },
  {
    about: "Prometheus, by remote read",
    kind: "prometheus",
    keeps: everything,
    open: (workplace) => openPrometheus(workplace, everything),
  },
  {
    about: "Prometheus as Thanos is asked, by queries for samples",
    kind: "thanos",
    keeps: queryGives,
    open: (workplace) => openPrometheus(workplace, queryGives),
  },
];

test.skipIf(lacks("peers") || !existsSync(join(peers, "victoria-metrics"))).each(ENGINES)(
  `a server with two hours and a store with the rest answer like one Prometheus with all: $about (seed ${SEED})`,
  async ({ kind, keeps, open }) => {
    using workplace = new Workplace();
    const kept = (slice: number): WrittenSeries[] => writtenSlice(START, slice).filter(keeps).map(asSent(keeps));
    await write(workplace.path("ours"), FIRST_LOCAL, kept);
    await write(workplace.path("theirs"), 0, kept);
    await using store = await open(workplace);
    const config = `${EXTERNAL}long_term_store: {kind: ${kind}, url: ${store.base}, send: false}\n`;
    await using ours = await serve("narthex", workplace, "ours", {
      config,
      flags: [FEATURES, "--web.enable-own-metrics"],
    });
    await using theirs = await serve("prometheus", workplace, "theirs", { config: PLAIN, flags: [FEATURES] });
    const random = new Random(SEED);
    const border = START + FIRST_LOCAL * SLICE_MS;
    // Start of a range around the border between local and long-term data. If there is much more data, a second query
    // covers all of it.
    const near = Math.max(START, border - 6 * HOUR);
    for (const start of new Set([near, START])) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that the servers are not overrun
      const span = { start, end: START + HOURS * HOUR };
      const differential = new QueryDifferential(ours.base, theirs.base, span, { "with samples": 0.3 });
      // oxlint-disable-next-line no-await-in-loop -- parallel runs would overload the servers
      const report = await differential.run(random, QUERIES);
      report.known.end(report.failures);
    }
    const metrics = await metricsOf(ours.base);
    expect(metrics.get('narthex_long_term_store_requests_total{outcome="success",request="samples"}')).toBeGreaterThan(
      QUERIES / 4,
    );
    expect(metrics.get("narthex_long_term_store_border_timestamp_seconds")).toBe(border / 1000);
  },
  Math.max(600_000, QUERIES * 100),
);

async function write(dir: string, first: number, series: (slice: number) => WrittenSeries[]): Promise<void> {
  await using db = await openTsdb(dir, { clock: new ManualClock(START), logger: memoryLogger() });
  for (let slice = first; slice < SLICES; slice++) {
    // oxlint-disable no-await-in-loop -- slices are appended in order of time
    await appendSeries(db.appendable, series(slice));
    await db.maintain();
  }
}
