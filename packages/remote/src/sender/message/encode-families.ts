import { SnappyCompressor, WireWriter } from "@narthex/bytes";
import { groupMetrics, type MetricFamily } from "@narthex/exposition";
import { Labels, METRIC_NAME } from "@narthex/model";
import type { WriteMessage } from "../../receiver/write-protocol.ts";
import { METRIC_TYPES } from "../../messages/write-messages.ts";
import { writeLabels } from "./write-labels.ts";

export interface EncodeFamiliesOptions {
  readonly message: WriteMessage;
  /** Labels that are added to each series. A series that has a label with the same name keeps its own label. */
  readonly labels: Readonly<Record<string, string>>;
  /** Time in Unix ms for samples that have no time. */
  readonly now: number;
}

interface Series {
  readonly labels: Labels;
  readonly value: number;
  readonly timestamp: number;
}

/** Encodes and compresses a request of remote write with all samples of metric families. */
export function encodeFamilies(families: readonly MetricFamily[], options: EncodeFamiliesOptions): Uint8Array {
  const sorted = families.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const out = new WireWriter();
  if (options.message === "prometheus.WriteRequest") writeV1(out, sorted, options);
  else writeV2(out, sorted, options);
  return new SnappyCompressor().compress(out.written);
}

function writeV1(out: WireWriter, families: readonly MetricFamily[], options: EncodeFamiliesOptions): void {
  for (const family of families) {
    for (const series of seriesOf(family, options)) {
      out.message(1, () => {
        writeLabels(out, series.labels);
        out.message(2, () => writeSample(out, series));
      });
    }
  }
  for (const { name, help, type } of families) {
    out.message(3, () => {
      out.uint64(1, METRIC_TYPES.indexOf(type));
      out.string(2, name);
      out.string(4, help ?? "");
    });
  }
}

function writeV2(out: WireWriter, families: readonly MetricFamily[], options: EncodeFamiliesOptions): void {
  const symbols = new Map([["", 0]]);
  const symbol = (text: string): number => {
    const known = symbols.get(text) ?? symbols.size;
    symbols.set(text, known);
    return known;
  };
  for (const family of families) {
    for (const series of seriesOf(family, options)) {
      out.message(5, () => {
        out.message(1, () => {
          for (const text of series.labels.pairs) out.varint(symbol(text));
        });
        out.message(2, () => writeSample(out, series));
        out.message(5, () => {
          out.uint64(1, METRIC_TYPES.indexOf(family.type));
          out.uint64(3, symbol(family.help ?? ""));
        });
      });
    }
  }
  for (const text of symbols.keys()) out.string(4, text);
}

function writeSample(out: WireWriter, { value, timestamp }: Series): void {
  out.double(1, value);
  out.int64(2, timestamp);
}

/** Yields the series of a family. If a histogram has no bucket `+Inf`, adds this bucket with the histogram's count. */
function* seriesOf(family: MetricFamily, { labels, now }: EncodeFamiliesOptions): Generator<Series> {
  for (const { samples, timestampMs, labels: own } of groupMetrics(family)) {
    const timestamp = timestampMs ?? now;
    const series = (suffix: string, pairs: readonly string[], value: number): Series => ({
      labels: Labels.of({ ...labels, ...ownLabels(pairs), [METRIC_NAME]: family.name + suffix }),
      value,
      timestamp,
    });
    for (const { suffix, labels: pairs, value } of samples) yield series(suffix, pairs, value);
    if (family.type !== "histogram") continue;
    const isInfinite = samples.some(({ labels: pairs }) => pairs.at(-2) === "le" && pairs.at(-1) === "+Inf");
    if (isInfinite) continue;
    const count = samples.find(({ suffix }) => suffix === "_count")?.value ?? 0;
    yield series("_bucket", [...own, "le", "+Inf"], count);
  }
}

/** Returns a metric's labels. Renames `job` to `exported_job`, so that it does not replace the label of the pusher. */
function ownLabels(pairs: readonly string[]): Record<string, string> {
  const own: Record<string, string> = {};
  for (let i = 0; i < pairs.length; i += 2) own[pairs[i] === "job" ? "exported_job" : pairs[i]!] = pairs[i + 1]!;
  return own;
}
