import { WireWriter } from "@narthex/bytes";

/** One pushed metric, without the labels of its group. */
export interface ReadMetric {
  /** Names and values alternately (name, value, name, value …), in the order of the body. */
  labels: string[];
  /** The fields of the protobuf message io.prometheus.client.Metric except labels and timestamp, encoded. */
  value: Uint8Array;
}

/** All metrics with one name, as read from a pushed body. */
export interface ReadFamily {
  readonly name: string;
  readonly help: string | undefined;
  /** Number of the metric type; see `metric-type.ts`. */
  readonly type: number;
  readonly metrics: readonly ReadMetric[];
  /** Whether any of the metrics has a timestamp. */
  readonly isTimed: boolean;
}

/** A classic histogram or summary of which only some lines have been read. Missing values are undefined. */
export interface Parts {
  count: bigint | undefined;
  /** Float count of a histogram. Undefined if the count is an integer or missing. */
  countFloat: number | undefined;
  sum: number | undefined;
  /** Buckets of a histogram (with `count` or `countFloat`), or quantiles of a summary (with `value`). */
  readonly parts: { readonly bound: number; count?: bigint; countFloat?: number; readonly value?: number }[];
}

export const noParts = (): Parts => ({ count: undefined, countFloat: undefined, sum: undefined, parts: [] });

const scratch = new WireWriter(1024);

function written(write: (writer: WireWriter) => void): Uint8Array {
  scratch.reset();
  write(scratch);
  return scratch.written.slice();
}

/** Encodes the value of a counter, gauge or untyped metric as field number `field` of the protobuf message Metric. */
export function plainValue(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(11);
  bytes[0] = field * 8 + 2;
  bytes[1] = 9;
  bytes[2] = 9;
  new DataView(bytes.buffer).setFloat64(3, value, true);
  return bytes;
}

/** Encodes a summary as a field of the protobuf message Metric. */
export const summaryValue = ({ count, sum, parts }: Parts): Uint8Array =>
  written((writer) =>
    writer.message(4, () => {
      if (count !== undefined) writeUint64(writer, 1, count);
      if (sum !== undefined) writer.double(2, sum);
      for (const { bound, value } of parts) {
        writer.message(3, () => {
          writer.double(1, bound);
          writer.double(2, value!);
        });
      }
    }),
  );

/**
 * Encodes a classic histogram as a field of the protobuf message Metric. Its counts are either all integers or all
 * floats.
 */
export function histogramValue({ count, countFloat, sum, parts }: Parts): Uint8Array {
  // Counts a float count of 0 as not set, as Pushgateway does.
  const isFloat = (countFloat ?? 0) !== 0 || parts.some((part) => (part.countFloat ?? 0) !== 0);
  return written((writer) =>
    writer.message(7, () => {
      // If one line has an integer count and another line a float count, the integer count is written too.
      if (count !== undefined && (!isFloat || (countFloat ?? 0) !== 0)) writeUint64(writer, 1, count);
      if (isFloat) writer.double(4, floatOf(count, countFloat));
      if (sum !== undefined) writer.double(2, sum);
      for (const part of parts) {
        writer.message(3, () => {
          if (isFloat) writer.double(4, floatOf(part.count, part.countFloat));
          else if (part.count !== undefined) writeUint64(writer, 1, part.count);
          writer.double(2, part.bound);
        });
      }
    }),
  );
}

const floatOf = (count: bigint | undefined, float: number | undefined): number =>
  (float ?? 0) !== 0 ? float! : Number(count ?? 0n);

function writeUint64(writer: WireWriter, field: number, value: bigint): void {
  writer.tag(field, 0);
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  writer.raw(Uint8Array.from(bytes));
}
