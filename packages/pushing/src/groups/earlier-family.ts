import { WireReader, WireWriter } from "@narthex/bytes";
import type { MetricFamily } from "@narthex/exposition";
import { type FloatHistogram, parseGoFloat } from "@narthex/model";
import { goUint64 } from "../body/text-scanner.ts";
import { isHistogramType, SUMMARY, VALUE_FIELDS } from "../metrics/metric-type.ts";
import { nested } from "../metrics/metric-value.ts";
import { typeNumber } from "../metrics/own-families.ts";
import {
  histogramValue,
  noParts,
  type Parts,
  plainValue,
  type ReadFamily,
  summaryValue,
} from "../metrics/read-family.ts";

/** A number in stored JSON. NaN, infinities and -0 are stored as text, because JSON cannot express them. */
type Written = number | string;

/** A stored sample: the suffix after the metric's name, the labels (`le` or `quantile` last), and the value. */
type EarlierSample = readonly [suffix: string, labels: readonly string[], value: Written, native?: EarlierNative];

/** A stored native histogram. Its buckets contain absolute counts, not differences. */
interface EarlierNative extends Pick<
  FloatHistogram,
  "schema" | "zeroThreshold" | "zeroCount" | "positiveSpans" | "negativeSpans" | "integer"
> {
  readonly positive: readonly Written[];
  readonly negative: readonly Written[];
  readonly total: readonly [count: Written, sum: Written];
}

/** The metrics with one name, as earlier versions of the gateway stored them: in JSON instead of protobuf. */
export interface EarlierFamily {
  readonly help?: string;
  readonly type: MetricFamily["type"];
  readonly pushedAtMs: number;
  readonly metrics: readonly { readonly labels: readonly string[]; readonly samples: readonly EarlierSample[] }[];
}

/** Converts stored metrics of an earlier version. The next push to the group stores them in the current format. */
export function readEarlierFamily(name: string, { help, type: word, metrics }: EarlierFamily): ReadFamily {
  const type = typeNumber(word);
  return {
    name,
    help,
    type,
    isTimed: false,
    metrics: metrics.map(({ labels, samples }) => ({ labels: [...labels], value: valueOf(type, labels, samples) })),
  };
}

function valueOf(type: number, labels: readonly string[], samples: readonly EarlierSample[]): Uint8Array {
  const isHistogram = isHistogramType(type);
  if (!isHistogram && type !== SUMMARY) return plainValue(VALUE_FIELDS[type as 0], Number(samples[0]?.[2] ?? 0));
  const parts = noParts();
  for (const [suffix, own, written] of samples) {
    const value = Number(written);
    if (own.length > labels.length) parts.parts.push(partOf(parseGoFloat(own.at(-1)!) ?? NaN, value, isHistogram));
    else if (suffix === "_sum") parts.sum = value;
    else if (suffix === "_count") Object.assign(parts, countOf(value, isHistogram));
  }
  if (!isHistogram) return summaryValue(parts);
  const native = samples.find((sample) => sample[3] !== undefined)?.[3];
  const classic = histogramValue(parts);
  return native === undefined ? classic : withNative(classic, native);
}

function partOf(bound: number, value: number, isBucket: boolean): Parts["parts"][number] {
  return isBucket ? { bound, ...countOf(value, true) } : { bound, value };
}

function countOf(value: number, mayBeFloat: boolean): { count: bigint } | { countFloat: number } {
  const count = goUint64(value);
  return mayBeFloat && Number(count) !== value ? { countFloat: value } : { count };
}

/** Returns the fields of a classic histogram and the fields of a native histogram as one histogram field. */
function withNative(classic: Uint8Array, native: EarlierNative): Uint8Array {
  const writer = new WireWriter();
  const { integer: isWhole = false, zeroCount, total } = native;
  const reader = new WireReader(classic);
  reader.tag("");
  const { at, end } = nested(reader);
  writer.message(7, () => {
    writer.raw(classic.subarray(at, end));
    if (!isWhole) writer.double(4, Number(total[0]));
    writer.sint64(5, native.schema);
    writer.double(6, native.zeroThreshold);
    if (isWhole) writer.uint64(7, zeroCount);
    else writer.double(8, zeroCount);
    writeSide(writer, 9, native.negativeSpans, native.negative.map(Number), isWhole);
    writeSide(writer, 12, native.positiveSpans, native.positive.map(Number), isWhole);
  });
  return writer.written.slice();
}

/**
 * Writes the spans and counts of the positive or negative buckets. The spans have the field number `field`. Integer
 * counts are written as differences in the next field. Float counts are written in the field after that.
 */
function writeSide(
  writer: WireWriter,
  field: number,
  spans: FloatHistogram["positiveSpans"],
  counts: readonly number[],
  isWhole: boolean,
): void {
  for (const { offset, length } of spans) {
    writer.message(field, () => {
      writer.sint64(1, offset);
      writer.uint64(2, length);
    });
  }
  counts.forEach((count, i) => {
    if (isWhole) writer.sint64(field + 1, count - (counts[i - 1] ?? 0));
    else writer.double(field + 2, count);
  });
}
