import { gzipSync } from "node:zlib";
import { ENTRY_END, ENTRY_HISTOGRAM, ENTRY_SERIES, ENTRY_TYPE, openReader } from "@narthex/exposition";
import { Random } from "../../../support/random.ts";
import type { Episode, Framing, Step } from "./episode.ts";
import { drawSettings, type Format } from "./job-settings.ts";
import { Population } from "./population.ts";
import { ProtobufExposition } from "./protobuf-exposition.ts";
import { specialSteps } from "./special-steps.ts";
import { TextExposition } from "./text-exposition.ts";

const TYPES: Readonly<Record<Format, readonly string[]>> = {
  text: [
    "text/plain; version=0.0.4; charset=utf-8",
    "text/plain",
    "text/plain;version=1.0.0;escaping=allow-utf-8",
    "TEXT/Plain",
  ],
  openmetrics: [
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
    "application/openmetrics-text; version=0.0.1",
  ],
  protobuf: [
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
    "application/vnd.google.protobuf",
  ],
};
const ODD_TYPES = [
  "",
  "text/html",
  "application/json; charset=utf-8",
  "text",
  "/",
  "text/plain; version",
  "text/plain; =x",
  ";;",
  "application/openmetrics-text; a=b=c",
  "text/plain;version=9",
];

const plainText = (text: string): string => text;

export interface EpisodeOptions {
  readonly seed: number;
  readonly steps: number;
  /** Time in ms to which the explicit timestamps of samples are relative. */
  readonly now: number;
}

/**
 * Generates a random episode: the settings and all responses of one target. It depends only on its number, the seed and
 * the time.
 */
export function drawEpisode(number: number, { seed, steps: count, now }: EpisodeOptions): Episode {
  const random = new Random(seed * 10_007 + number);
  const format = random.weighted<Format>([
    [45, "text"],
    [30, "openmetrics"],
    [25, "protobuf"],
  ]);
  const settings = drawSettings(random, format);
  const converted = settings.fields["convert_classic_histograms_to_nhcb"] === "true";
  const population = new Population(random, format !== "protobuf", converted);
  const text = new TextExposition(random, format === "openmetrics", now);
  const proto = new ProtobufExposition(random, now);
  // Percentage of steps with faults: some episodes have none, some have many.
  const trouble = random.pick([0, 0, 10, 30]);
  const steps: Step[] = [];
  for (let i = 0; i < count; i++) {
    if (i > 0) population.step();
    let shown = format === "protobuf" ? "" : text.print(population, i);
    if (format !== "protobuf" && random.chance(trouble / 4)) {
      shown = damaged(random, shown);
      if (converted) shown = shown.replaceAll(FUTURE_TIME, "1");
    }
    const body = format === "protobuf" ? proto.write(population, i) : Buffer.from(shown);
    if (format === "protobuf") shown = listed(body);
    const step = drawStep(random, format, body, shown);
    steps.push(random.chance(trouble) ? specialSteps(random, step, settings) : step);
  }
  // The connection is closed in the step before an abrupt close. Otherwise the next use of the kept connection would
  // fail at random.
  const calm = steps.map((step, i) => (needsFresh(steps[i + 1]) ? { ...step, close: true } : step));
  const newSettings: Record<string, string> = { ...settings.newFields, scrape_native_histograms: "true" };
  return { number, settings: settings.fields, newSettings, steps: calm };
}

/** Formats the content of a protobuf response, one line for each sample. */
function listed(body: Uint8Array): string {
  const reader = openReader("protobuf", body, undefined, { nativeHistograms: true, alwaysClassic: true });
  const lines: string[] = [];
  const next = (): number => {
    try {
      return reader.next();
    } catch (error) {
      lines.push(String(error));
      return ENTRY_END;
    }
  };
  for (let kind = next(); kind !== ENTRY_END; kind = next()) {
    if (kind === ENTRY_TYPE) lines.push(`${reader.familyName()} is a ${reader.type}`);
    if (kind !== ENTRY_SERIES && kind !== ENTRY_HISTOGRAM) continue;
    const value = kind === ENTRY_SERIES ? String(reader.value) : JSON.stringify(reader.histogram());
    lines.push(`${reader.labels().join(" ")} = ${value} @${reader.timestamp} since ${reader.startTimestamp}`);
  }
  return lines.join("\n");
}

const needsFresh = (step: Step | undefined): boolean => step !== undefined && /head/.test(step.fault);

function drawStep(random: Random, format: Format, body: Uint8Array, text: string): Step {
  const type = random.chance(3) ? random.pick(ODD_TYPES) : random.pick(TYPES[format]);
  const headers: [string, string][] = type === "" && random.chance(50) ? [] : [["Content-Type", type]];
  const packed = random.chance(30);
  if (packed) headers.push(["Content-Encoding", "gzip"]);
  return {
    what: packed ? "zipped" : "plain",
    statusLine: "HTTP/1.1 200 OK",
    headers,
    body: packed ? gzipSync(body, { level: random.pick([1, 6]) }) : body,
    framing: random.weighted<Framing>([
      [70, "length"],
      [15, "chunked"],
      [5, "trailers"],
      [10, "close"],
    ]),
    fault: "none",
    close: random.chance(15),
    redirects: [],
    text: plainText(text),
  };
}

const BAD_LINES = [
  "no_value",
  "x 1 2 3",
  'x{a="1" 1',
  "x{a=1} 1",
  "x{} ",
  "1x 1",
  "x 0x1F",
  "x 1_000",
  "x 1e999",
  "x NaN -1",
  "x 1 1.5",
  'x{a="\\xff"} 1',
  'x{a="1",a="2"} 1',
  '{a="1"} 1',
  '{"x","y"} 1',
  "# TYPE x  counter",
  "# TYPE x nonsense",
  "# HELP",
  "# UNIT x y",
  "x 1\r",
  "x  1",
  'x 1 # {a="1"} 1',
  "x{,} 1",
  "x_total 1 1e30",
  "# EOF",
  "😀 1",
  'x{__name__="y"} 1',
  'x{le="1"} 1',
  "x 1 ",
  "x 1 9223372036854775807",
  "x 1 92233720368547758070",
];

/**
 * Matches numbers that may be times in the far future. Prometheus 3.5 accepts a converted histogram with such a time,
 * and then refuses all later samples of all targets. The time may come from a damaged later line.
 */
const FUTURE_TIME = /\d{14,}|\d{11,}(?=\.)/g;

/** Damages the text of a response: inserts a misplaced line, or changes bytes. */
function damaged(random: Random, text: string): string {
  if (random.chance(60)) {
    const lines = text.split("\n");
    lines.splice(random.below(lines.length), 0, random.pick(BAD_LINES));
    return lines.join("\n");
  }
  const at = random.below(text.length + 1);
  switch (random.below(3)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random.below(4));
    default:
      return (
        text.slice(0, at) +
        random.pick(["{", "}", '"', "\\", ",", "=", " ", "\t", "\n", "#", "é", "0", "\0"]) +
        text.slice(at)
      );
  }
}
