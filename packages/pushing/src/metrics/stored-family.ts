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
 * A family as a group holds it, with the group's labels. What a scrape shows of it is kept as bytes, in strings of one
 * byte per character: a hundred thousand small buffers would weigh several times as much.
 */
export interface StoredFamily {
  readonly name: string;
  readonly help: string | undefined;
  /** A number of `metric-type.ts`. */
  readonly type: number;
  /** When it was pushed, ms since 1970. */
  readonly pushedAtMs: number;
  /** The lines of all metrics in the text format, names escaped with underscores. */
  readonly text: string;
  /** Each metric as field 4 of a MetricFamily. */
  readonly wire: string;
  /** For each metric: where its text ends, where its wire ends, both halves of its identity. */
  readonly rows: readonly number[];
  /** Why a scrape with it must fail; only where nothing checked the push. */
  readonly fault: string | undefined;
  /** Has it a name that the classic alphabet has not? */
  readonly isOdd: boolean;
}

/** Most bytes of a push, as text and wire together: each metric contains the group's labels, which may be long. */
export const MAX_SEALED_BYTES = 256 * 1024 * 1024;

/** A push is too large with the group's labels. */
export class TooMuchError extends Error {
  override readonly name = "TooMuchError";
  constructor(maxBytes: number) {
    super(
      `with the group's labels a push would take more than ${maxBytes} bytes; push fewer metrics at once, or give the group shorter labels`,
    );
  }
}

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);

/** The byte limit of all families of a push, and the bytes used so far. */
export interface SealBudget {
  readonly maxBytes: number;
  bytes: number;
}

/** Numbers per metric in `rows`. */
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

/** Do both hold the same metrics, in the same order? */
export function hasSameMetrics({ rows: a }: StoredFamily, { rows: b }: StoredFamily): boolean {
  if (a.length !== b.length) return false;
  for (let i = 2; i < a.length; i += ROW) if (a[i] !== b[i] || a[i + 1] !== b[i + 1]) return false;
  return true;
}

/** A family about to be stored, with its metrics still apart for the check. */
export interface SealedFamily {
  readonly stored: StoredFamily;
  readonly metrics: readonly MetricParts[];
}

/**
 * Puts the group's labels over a family's: they win over same-named ones, `instance` is there even if empty (so that
 * Prometheus does not add its own), labels are sorted. Throws TooMuchError.
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
    // Each line repeats the labels, and two bytes of the value make one line at most.
    if (lengthOf(metric.labels) * (value.length / 2 + 1) > budget.maxBytes) throw new TooMuchError(budget.maxBytes);
    text += metricLines(name, type, metric, "underscores");
    wire += metricWire(metric);
    fault ??= metricFault(name, type, metric);
    const { high, low } = identityOf(name, metric.labels);
    // Where the wire ends is known at once: it is bytes already.
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

/** The same without a pause. */
export const sealFamily = (family: ReadFamily, group: GroupLabels, pushedAtMs: number): SealedFamily =>
  runToEnd(sealSteps(family, group, pushedAtMs));

/** Where texts end in bytes, where they ended in UTF-16. */
function remeasure(rows: number[], text: string): void {
  let [from, bytes] = [0, 0];
  for (let at = 0; at < rows.length; at += ROW) {
    const end = rows[at]!;
    bytes += Buffer.byteLength(text.slice(from, end));
    from = end;
    rows[at] = bytes;
  }
}

/** A text's UTF-8, a character per byte. */
export const byteText = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  /^[\u0000-\u007f]*$/.test(text) ? flat(text) : Buffer.from(text).toString("latin1");

/** The same text in one piece: what was put together by `+` keeps its pieces. */
const flat = (text: string): string => Buffer.from(text, "latin1").toString("latin1");

function labelled(labels: readonly string[], group: GroupLabels): readonly string[] {
  const left = new Map(group);
  const pairs: [name: string, value: string][] = [];
  let hasInstance = left.has("instance");
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i]!;
    // The first of that name alone: a repeated one is for the check to find.
    pairs.push([name, left.get(name) ?? labels[i + 1]!]);
    left.delete(name);
    hasInstance ||= name === "instance";
  }
  for (const item of left) pairs.push(item);
  if (!hasInstance) pairs.push(["instance", ""]);
  return pairs.sort((a, b) => compareBytewise(a[0], b[0])).flat();
}

const scratch = new WireWriter(1024);

/** A metric as field 4 of its family, a character per byte. */
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

/** The metrics of a stored family. */
export function storedMetrics({ wire }: { readonly wire: string }): MetricParts[] {
  const reader = new WireReader(Buffer.from(wire, "latin1"));
  const metrics: MetricParts[] = [];
  eachField(reader, () => {
    metrics.push(readParts(nested(reader)));
    return true;
  });
  return metrics;
}

/** Our own writing: labels first, the value behind them. */
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

/** A text that orders as Go's client orders metrics: fewer labels first, then by their values' bytes. */
export function sortKey({ labels }: MetricParts): string {
  const count = labels.length / 2;
  let key = String.fromCharCode(count >> 8, count & 0xff);
  // A zero byte ends a value, and within one is marked: so a shorter value comes before those it begins.
  for (let i = 1; i < labels.length; i += 2) key += `${labels[i]!.replaceAll("\0", "\0\u00ff")}\0\u0001`;
  return Buffer.from(key, "utf8").toString("latin1");
}
