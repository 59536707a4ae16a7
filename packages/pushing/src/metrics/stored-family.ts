import { utf8Text, WireReader, WireWriter } from "@narthex/bytes";
import { compareBytewise, isLegacyMetricName } from "@narthex/model";
import type { GroupLabels } from "../groups/group-key.ts";
import { type Identity, identityOf } from "./identity-table.ts";
import { metricFault } from "./metric-fault.ts";
import { type MetricParts, metricLines } from "./metric-text.ts";
import { eachField, nested } from "./metric-value.ts";
import type { ReadFamily } from "./read-family.ts";
import { runToEnd, type Steps } from "@narthex/runtime";
import { METRICS_PER_STEP } from "../step-size.ts";

/**
 * The metrics with one name in a group, including the labels of the group. The metrics are encoded in strings with one
 * character for each byte, because 100,000 small buffers would need several times the memory.
 */
export interface StoredFamily {
  readonly name: string;
  readonly help: string | undefined;
  /** Number of the metric type; see `metric-type.ts`. */
  readonly type: number;
  /** Time of the push, ms since 1970. */
  readonly pushedAtMs: number;
  /** All metrics in the text format. Names that are not classic are escaped with underscores. */
  readonly text: string;
  /** All metrics, each as field 4 of a protobuf message MetricFamily. */
  readonly wire: string;
  /**
   * Four numbers for each metric: end of its lines in `text`, end of its bytes in `wire`, and both halves of the hash
   * of its name and labels.
   */
  readonly rows: readonly number[];
  /** Reason why these metrics make every scrape fail. Set only if the push was not checked. */
  readonly fault: string | undefined;
  /** True if any metric or label name is not a classic name (letters, digits, underscore, colon). */
  readonly isOdd: boolean;
}

/**
 * Maximum size in bytes of a push after it was encoded as text and protobuf. The limit is needed because every metric
 * contains the group's labels, which may be long.
 */
export const MAX_SEALED_BYTES = 256 * 1024 * 1024;

/** Error if a push is too large after the labels of its group were added. */
export class TooMuchError extends Error {
  override readonly name = "TooMuchError";
  constructor(maxBytes: number) {
    super(
      `with the group's labels a push would take more than ${maxBytes} bytes; push fewer metrics at once, or give the group shorter labels`,
    );
  }
}

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);

/** Maximum and current size in bytes of an encoded push. */
export interface SealBudget {
  readonly maxBytes: number;
  bytes: number;
}

/** Number of entries for each metric in `rows`. */
const ROW = 4;

export const metricCount = ({ rows }: StoredFamily): number => rows.length / ROW;

export const identityAt = ({ rows }: StoredFamily, i: number): Identity => ({
  high: rows[i * ROW + 2]!,
  low: rows[i * ROW + 3]!,
});

export const textAt = ({ rows, text }: StoredFamily, i: number): string =>
  rows.length === ROW ? text : text.slice(i === 0 ? 0 : rows[(i - 1) * ROW], rows[i * ROW]);

export const wireAt = ({ rows, wire }: StoredFamily, i: number): string =>
  rows.length === ROW ? wire : wire.slice(i === 0 ? 0 : rows[(i - 1) * ROW + 1], rows[i * ROW + 1]);

/** Reports whether two stored families contain metrics with the same labels in the same order. */
export function hasSameMetrics({ rows: a }: StoredFamily, { rows: b }: StoredFamily): boolean {
  if (a.length !== b.length) return false;
  for (let i = 2; i < a.length; i += ROW) if (a[i] !== b[i] || a[i + 1] !== b[i + 1]) return false;
  return true;
}

/** Metrics that are ready to be stored, together with a list of them for the consistency check. */
export interface SealedFamily {
  readonly stored: StoredFamily;
  readonly metrics: readonly MetricParts[];
}

/**
 * Adds the group's labels to pushed metrics, in place of labels with the same names, and encodes them with sorted
 * labels. `instance` is added even if it is empty, so that Prometheus does not add its own. Throws TooMuchError.
 */
export function* sealSteps(
  family: ReadFamily,
  group: GroupLabels,
  pushedAtMs: number,
  budget: SealBudget = { maxBytes: MAX_SEALED_BYTES, bytes: 0 },
): Steps<SealedFamily> {
  const { name, help, type } = family;
  const metrics: MetricParts[] = [];
  const rows: number[] = [];
  let [text, wire] = ["", ""];
  let fault: string | undefined;
  let isOdd = !isLegacyMetricName(name);
  for (const { labels, value } of family.metrics) {
    const metric = { labels: labelled(labels, group), value };
    if (metrics.push(metric) % METRICS_PER_STEP === 0) yield;
    // Estimates an upper limit of the text's size: each line repeats the labels, and comes from at least two bytes of
    // the value.
    if (lengthOf(metric.labels) * (value.length / 2 + 1) > budget.maxBytes) throw new TooMuchError(budget.maxBytes);
    text += metricLines(name, type, metric, "underscores");
    wire += metricWire(metric);
    fault ??= metricFault(name, type, metric);
    const { high, low } = identityOf(name, metric.labels);
    // Adds the end of the metric's lines in `text` as 0, which is replaced below. The end of the metric in `wire` is
    // final, because `wire` has one character for each byte.
    rows.push(0, wire.length, high, low);
    isOdd ||= metric.labels.some((part, i) => i % 2 === 0 && !isLegacyMetricName(part));
    rows[rows.length - ROW] = text.length;
    if (budget.bytes + text.length + wire.length > budget.maxBytes) throw new TooMuchError(budget.maxBytes);
  }
  budget.bytes += text.length + wire.length;
  const bytes = byteText(text);
  if (bytes.length !== text.length) remeasure(rows, text);
  return { metrics, stored: { name, help, type, pushedAtMs, text: bytes, wire, rows, fault, isOdd } };
}

/** Encodes pushed metrics like sealSteps(), but without yielding to other work. */
export const sealFamily = (family: ReadFamily, group: GroupLabels, pushedAtMs: number): SealedFamily =>
  runToEnd(sealSteps(family, group, pushedAtMs));

/** In `rows`, converts the end of each metric's text from UTF-16 units to UTF-8 bytes. */
function remeasure(rows: number[], text: string): void {
  let [from, bytes] = [0, 0];
  for (let at = 0; at < rows.length; at += ROW) {
    const end = rows[at]!;
    bytes += Buffer.byteLength(text.slice(from, end));
    from = end;
    rows[at] = bytes;
  }
}

/** Returns a string with one character for each UTF-8 byte of `text`. */
export const byteText = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  /^[\u0000-\u007f]*$/.test(text) ? flat(text) : Buffer.from(text).toString("latin1");

/** Copies a text into one contiguous string. JavaScript engines keep all pieces of a string that was built with `+`. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

function labelled(labels: readonly string[], group: GroupLabels): readonly string[] {
  const left = new Map(group);
  const pairs: [name: string, value: string][] = [];
  let hasInstance = left.has("instance");
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i]!;
    // If a label name is repeated, the group's label replaces only the first value. The consistency check reports the
    // repetition.
    pairs.push([name, left.get(name) ?? labels[i + 1]!]);
    left.delete(name);
    hasInstance ||= name === "instance";
  }
  for (const item of left) pairs.push(item);
  if (!hasInstance) pairs.push(["instance", ""]);
  return pairs.sort((a, b) => compareBytewise(a[0], b[0])).flat();
}

const scratch = new WireWriter(1024);

/** Encodes a metric as field 4 of a protobuf message MetricFamily, in a string with one character for each byte. */
export function metricWire({ labels, value }: MetricParts): string {
  scratch.reset();
  scratch.message(4, () => {
    for (let i = 0; i < labels.length; i += 2) {
      scratch.message(1, () => {
        scratch.string(1, labels[i]!);
        scratch.string(2, labels[i + 1]!);
      });
    }
    scratch.raw(value);
  });
  const bytes = scratch.written;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Decodes the metrics of a stored family. */
export function storedMetrics({ wire }: { readonly wire: string }): MetricParts[] {
  const reader = new WireReader(Buffer.from(wire, "latin1"));
  const metrics: MetricParts[] = [];
  eachField(reader, () => {
    metrics.push(readParts(nested(reader)));
    return true;
  });
  return metrics;
}

/** Reads one metric in the order in which metricWire() writes it: labels, followed by the value. */
function readParts(reader: WireReader): MetricParts {
  const labels: string[] = [];
  let value = reader.at;
  for (let tag = reader.tag(""); tag >>> 3 === 1; tag = reader.tag("")) {
    const pair = nested(reader);
    eachField(pair, () => {
      const end = pair.range();
      labels.push(utf8Text(pair.bytes.subarray(pair.start, end)));
      return true;
    });
    value = reader.at;
  }
  return { labels, value: reader.bytes.subarray(value, reader.end) };
}

/**
 * Returns a text by which metrics sort as in Go's client library: fewer labels first, then by the bytes of the label
 * values.
 */
export function sortKey({ labels }: MetricParts): string {
  const count = labels.length / 2;
  let key = String.fromCharCode(count >> 8, count & 0xff);
  // A zero byte ends each value, and zero bytes within a value are escaped. A value is therefore sorted before longer
  // values that begin with it.
  for (let i = 1; i < labels.length; i += 2) key += `${labels[i]!.replaceAll("\0", "\0\u00ff")}\0\u0001`;
  return Buffer.from(key, "utf8").toString("latin1");
}
