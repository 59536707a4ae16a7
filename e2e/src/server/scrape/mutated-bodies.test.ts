import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  type BodyFormat,
  ENTRY_END,
  ENTRY_HISTOGRAM,
  ENTRY_SERIES,
  type EntryKind,
  ExpositionError,
  ProtobufReader,
} from "@narthex/exposition";
import { bodiesOf, corpus } from "@narthex/exposition/testing";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api, instant } from "../../support/query.ts";
import { lacks } from "../../support/requirements.ts";
import { type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

// The commands without which this test is skipped. Both servers scrape the same randomly changed bodies, and the
// results are compared. `NARTHEX_BODIES` sets the number of bodies, `NARTHEX_SEED` selects them.
const absent = lacks("peers");
const COUNT = Number(process.env["NARTHEX_BODIES"] ?? testCases(150, 300));
/** Scrape interval in seconds, long enough to serve all bodies twice. */
const INTERVAL = Math.max(5, Math.ceil(COUNT / 60));
const FIRST = testSeed();
const conformance = process.env["NARTHEX_CONFORMANCE"];
const TYPES: Readonly<Record<BodyFormat, string>> = {
  text: "text/plain; version=0.0.4",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  protobuf: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
};
const bodies = corpus(conformance === undefined ? undefined : join(conformance, "exposition"));
/**
 * Reports whether a body must not be sent to Prometheus, because Prometheus 3.5 mishandles it: families with both
 * native and classic histograms, or native histograms whose spans and buckets disagree (3.5 panics). Both faults are
 * fixed in 3.14.
 */
function isForbidden({ format, body }: { readonly format: BodyFormat; readonly body: Uint8Array }): boolean {
  if (format !== "protobuf") return false;
  const reader = new ProtobufReader(body, { nativeHistograms: true });
  const kinds = new Set<EntryKind>();
  try {
    for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
      if (reader.type === "histogram" || reader.type === "gaugehistogram") kinds.add(kind);
    }
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    if (/ side: spans require \d+ buckets, have /.test(error.message)) return true;
  }
  return kinds.has(ENTRY_SERIES) && kinds.has(ENTRY_HISTOGRAM);
}

const seeds: number[] = [];
for (let seed = FIRST; seeds.length < COUNT; seed++) {
  if (!isForbidden(bodiesOf(seed, bodies))) seeds.push(seed);
}
const cleanups: (() => unknown)[] = [];
let ours: Served;
let theirs: Served;

interface Outcome {
  readonly error: string;
  readonly scraped: string;
  readonly kept: string;
}

/** @param natives setting that enables native histograms since Prometheus 3.14; before, a flag did */
const config = (port: number, natives: string): string => `global:
  scrape_interval: ${INTERVAL}s
  scrape_timeout: ${INTERVAL}s
${natives}scrape_configs:
- job_name: bodies
  scrape_protocols: [PrometheusProto, OpenMetricsText1.0.0, PrometheusText0.0.4]
  static_configs:
${seeds
  .map((seed) => `  - { targets: ["127.0.0.1:${port}"], labels: { __metrics_path__: "/${seed}", seed: "${seed}" } }\n`)
  .join("")}`;

beforeAll(async () => {
  if (absent) return;
  const workplace = new Workplace();
  const server = createServer((request, response) => {
    const { format, body } = bodiesOf(Number(request.url!.slice(1)), bodies);
    response.writeHead(200, { "content-type": TYPES[format] }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  [ours, theirs] = await Promise.all([
    serve("narthex", workplace, "ours", { config: config(port, "  scrape_native_histograms: true\n"), flags: [] }),
    serve("prometheus", workplace, "theirs", {
      config: config(port, ""),
      flags: ["--enable-feature=native-histograms"],
    }),
  ]);
  cleanups.push(
    () => ours[Symbol.asyncDispose](),
    () => theirs[Symbol.asyncDispose](),
    () => server.closeAllConnections(),
    () => void server.close(),
    () => workplace[Symbol.dispose](),
  );
});

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

/** Resolves with a server's result for each body, by the body's seed, after the server has scraped all bodies. */
async function outcomes({ base }: Served): Promise<Map<string, Outcome>> {
  const counts = async (metric: string): Promise<Map<string, string>> =>
    new Map((await instant(base, metric)).map(({ metric: { seed }, value }) => [seed!, value[1]]));
  const scraped = await counts("scrape_samples_scraped");
  const kept = await counts("scrape_samples_post_metric_relabeling");
  if (scraped.size !== COUNT || kept.size !== COUNT) throw new Error(`${scraped.size} bodies read so far`);
  // The states of the targets after all bodies have been scraped.
  const { activeTargets } = await api<{
    activeTargets: { labels: Record<string, string>; lastError: string; lastScrape: string }[];
  }>(base, "targets");
  const late = activeTargets.find(({ lastError }) => lastError.includes("context deadline exceeded"));
  if (late !== undefined) throw new Error(`${late.lastError}: once more`);
  return new Map(
    activeTargets.map(({ labels: { seed }, lastError }) => [
      seed!,
      { error: lastError, scraped: scraped.get(seed!)!, kept: kept.get(seed!)! },
    ]),
  );
}

/**
 * Reports whether Prometheus 3.14, which our server follows, treats this result differently from the compared version
 * 3.5.
 */
function differsByVersion(theirs: Outcome): boolean {
  // Since Prometheus 3.14, a unit in protobuf is not compared with the family's name, and the parser refuses an empty
  // label name.
  const unit = /^unit ".*" not a suffix of /s.test(theirs.error);
  return unit || theirs.error.startsWith("invalid metric name or label names");
}

/**
 * Matches the end of a line in Prometheus' error message. If a line has invalid UTF-8, Prometheus' lexer includes the
 * line's end in the message.
 */
const LINE_END = /\\n"( is not a valid utf8|$)/;

/**
 * Returns the part of a result that is compared. If a protobuf message has several errors, each server may report a
 * different error first.
 */
const compared = (format: BodyFormat, { error, scraped, kept }: Outcome): string =>
  JSON.stringify({
    error: format === "protobuf" ? error !== "" : error.replace(LINE_END, '"$1'),
    scraped,
    kept,
  });

test.skipIf(absent)("both servers accept and refuse the same mutated bodies, and count the same samples", async () => {
  const [own, peer] = await Promise.all([ours, theirs].map((one) => eventually("all are read", () => outcomes(one))));
  const different: unknown[] = [];
  for (const [seed, outcome] of peer!) {
    const { format } = bodiesOf(Number(seed), bodies);
    const found = own!.get(seed)!;
    if (compared(format, found) === compared(format, outcome)) continue;
    if (format === "protobuf" && differsByVersion(outcome)) continue;
    different.push({ seed, format, found, outcome });
  }
  expect(different).toEqual([]);
});
