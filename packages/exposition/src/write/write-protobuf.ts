import { WireWriter } from "@narthex/bytes";
import { compareBytewise, type FloatHistogram, parseGoFloat, type Span } from "@narthex/model";
import type { MetricFamily, MetricType } from "../family.ts";
import { cumulativeBuckets } from "./cumulative-buckets.ts";
import { groupMetrics, labelOf, type MetricGroup } from "./metric-group.ts";

/** Numbers of io.prometheus.client.MetricType. A type that protobuf lacks is written as gauge or untyped. */
const TYPE_NUMBERS: Readonly<Record<MetricType, number>> = {
  counter: 0,
  gauge: 1,
  summary: 2,
  unknown: 3,
  histogram: 4,
  gaugehistogram: 5,
  info: 1,
  stateset: 1,
};

/** Field numbers in Metric for the values of gauges, counters and untyped metrics, by type number. */
const VALUE_FIELDS: Readonly<Record<number, number>> = { 0: 3, 1: 2, 3: 5 };

/** Returns the delimited protobuf format, with families sorted by name. */
export function writeProtobuf(families: Iterable<MetricFamily>): Uint8Array {
  const writer = new WireWriter(64 * 1024);
  for (const family of [...families].toSorted((a, b) => compareBytewise(a.name, b.name))) {
    if (family.samples.length > 0) writer.delimited(() => writeFamily(writer, family));
  }
  return writer.written.slice();
}

export function writeFamily(writer: WireWriter, family: MetricFamily): void {
  writeFamilyHead(writer, family);
  for (const group of groupMetrics(family)) writeMetric(writer, group, family.type);
  writeFamilyTail(writer, family);
}

/** Writes the fields after a family's metrics. */
export function writeFamilyTail(writer: WireWriter, { unit }: Omit<MetricFamily, "samples">): void {
  if (unit !== undefined && unit !== "") writer.string(5, unit);
}

/**
 * Reports whether each metric of a family has only one value. In a metric without a timestamp, that value is at the end
 * of the message.
 */
export const hasSingleValues = ({ type }: MetricFamily): boolean => VALUE_FIELDS[TYPE_NUMBERS[type]] !== undefined;

/** Writes the fields before a family's metrics. */
export function writeFamilyHead(writer: WireWriter, { name, help, type }: Omit<MetricFamily, "samples">): void {
  writer.string(1, name);
  if (help !== undefined) writer.string(2, help);
  writer.uint64(3, TYPE_NUMBERS[type]);
}

export function writeMetric(writer: WireWriter, group: MetricGroup, type: MetricType): void {
  writer.message(4, () => writeMetricFields(writer, group, TYPE_NUMBERS[type]));
}

/** Writes a histogram with custom bounds as a classic histogram with float counts. */
export function writeClassicMetric(writer: WireWriter, group: Omit<MetricGroup, "samples">, of: FloatHistogram): void {
  writer.message(4, () => {
    writeLabels(writer, group.labels);
    if (group.timestampMs !== undefined) writer.int64(6, group.timestampMs);
    writer.message(7, () => {
      writer.double(2, of.sum);
      for (const { bound, count } of cumulativeBuckets(of)) {
        writer.message(3, () => {
          writer.double(2, bound);
          writer.double(4, count);
        });
      }
      writer.double(4, of.count);
    });
  });
}

function writeLabels(writer: WireWriter, labels: readonly string[]): void {
  for (let i = 0; i < labels.length; i += 2) {
    writer.message(1, () => {
      writer.string(1, labels[i]!);
      writer.string(2, labels[i + 1]!);
    });
  }
}

function writeMetricFields(writer: WireWriter, group: MetricGroup, type: number): void {
  writeLabels(writer, group.labels);
  const field = VALUE_FIELDS[type];
  if (field !== undefined) writer.message(field, () => writer.double(1, group.samples[0]!.value));
  else if (type === 2) writer.message(4, () => writeSummary(writer, group));
  // Writes the fields in the order of their numbers, as Go does.
  if (group.timestampMs !== undefined) writer.int64(6, group.timestampMs);
  if (field === undefined && type !== 2) writer.message(7, () => writeHistogram(writer, group));
}

const suffixValue = (group: MetricGroup, ...suffixes: readonly string[]): number =>
  group.samples.find((sample) => suffixes.includes(sample.suffix))?.value ?? 0;

function writeSummary(writer: WireWriter, group: MetricGroup): void {
  writer.uint64(1, wholeCount(suffixValue(group, "_count")));
  writer.double(2, suffixValue(group, "_sum"));
  for (const sample of group.samples) {
    const phi = labelOf(sample.labels, "quantile");
    if (phi === undefined) continue;
    writer.message(3, () => {
      writer.double(1, parseGoFloat(phi) ?? NaN);
      writer.double(2, sample.value);
    });
  }
}

function writeHistogram(writer: WireWriter, group: MetricGroup): void {
  const native = group.samples.find((sample) => sample.histogram !== undefined)?.histogram;
  const count = native?.count ?? suffixValue(group, "_count", "_gcount");
  const isWhole = isWholeCount(count, native?.integer ?? true);
  if (isWhole) writer.uint64(1, count);
  writer.double(2, native?.sum ?? suffixValue(group, "_sum", "_gsum"));
  for (const sample of group.samples) {
    const bound = labelOf(sample.labels, "le");
    if (bound === undefined) continue;
    writer.message(3, () => {
      writeCount(writer, 1, 4, sample.value, true);
      writer.double(2, parseGoFloat(bound) ?? NaN);
    });
  }
  if (!isWhole) writer.double(4, count);
  if (native !== undefined) writeNative(writer, native);
}

function writeNative(writer: WireWriter, native: FloatHistogram): void {
  const integer = native.integer === true;
  writer.sint64(5, native.schema);
  writer.double(6, native.zeroThreshold);
  writeCount(writer, 7, 8, native.zeroCount, integer);
  writeSide(writer, 9, native.negativeSpans, native.negativeBuckets, integer);
  writeSide(writer, 12, native.positiveSpans, native.positiveBuckets, integer);
}

/** Writes spans to `field`. Writes integer deltas to the next field, or float counts to the field after that. */
function writeSide(
  writer: WireWriter,
  field: number,
  spans: readonly Span[],
  buckets: Float64Array,
  integer: boolean,
): void {
  for (const span of spans) {
    writer.message(field, () => {
      writer.sint64(1, span.offset);
      writer.uint64(2, span.length);
    });
  }
  let previous = 0;
  for (const count of buckets) {
    if (integer) writer.sint64(field + 1, count - previous);
    else writer.double(field + 2, count);
    previous = count;
  }
}

/** Writes a count to its integer field if it is an integer, otherwise to the float field. */
function writeCount(writer: WireWriter, field: number, floatField: number, count: number, integer: boolean): void {
  if (isWholeCount(count, integer)) writer.uint64(field, count);
  else writer.double(floatField, count);
}

const isWholeCount = (count: number, integer: boolean): boolean => integer && Number.isSafeInteger(count) && count >= 0;

const wholeCount = (count: number): number => (Number.isFinite(count) && count > 0 ? Math.trunc(count) : 0);
