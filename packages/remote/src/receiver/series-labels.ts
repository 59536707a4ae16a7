import { skipUnknown, type WireReader } from "@narthex/bytes";
import { compareBytewise, isLabelName, isLegacyLabelName, Labels, METRIC_NAME, quote } from "@narthex/model";
import { LABEL } from "../messages/write-messages.ts";

/** The labels of a series in the form in which they were sent, or the error text if the series cannot be stored. */
export type SeriesLabels =
  | { readonly ok: true; readonly labels: Labels }
  | { readonly ok: false; readonly problem: () => string };

/**
 * Adds a label (a protobuf message Label) to `pairs`. Afterwards the reader is behind the label. A byte that is not
 * UTF-8 becomes a lone surrogate.
 */
export function readLabel(wire: WireReader, pairs: string[]): void {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  let [name, value] = ["", ""];
  for (let tag = wire.tag(LABEL.message); tag !== 0; tag = wire.tag(LABEL.message)) {
    if (tag === 10) name = readText(wire);
    else if (tag === 18) value = readText(wire);
    else skipUnknown(wire, tag, LABEL);
  }
  pairs.push(name, value);
  wire.seek(end, outer);
}

/** Reads a text field. A byte that is not UTF-8 becomes a lone surrogate. */
export function readText(wire: WireReader): string {
  const end = wire.range();
  return wire.text(wire.start, end);
}

/**
 * Returns the labels of a series, or the reason why the series cannot be stored.
 * @param pairs names and values alternately, in any order
 */
export function seriesLabels(pairs: readonly string[]): SeriesLabels {
  if (isStorable(pairs)) return { ok: true, labels: Labels.fromSortedPairs(pairs) };
  const sorted = sortedPairs(pairs);
  const names = sorted.map(([name]) => name);
  if (!names.includes(METRIC_NAME) || !sorted.every(isValid)) {
    return { ok: false, problem: () => `invalid metric name or labels, got ${textOf(sorted)}` };
  }
  const repeated = names.find((name, i) => name === names[i - 1]);
  if (repeated === undefined) {
    return { ok: true, labels: Labels.fromSortedPairs(sorted.filter(([, value]) => value !== "").flat()) };
  }
  return {
    ok: false,
    problem: () => `invalid labels for series, labels ${textOf(sorted)}, duplicated label ${repeated}`,
  };
}

/** Returns whether labels are in the usual form: sorted by name, and without empty values. */
function isStorable(pairs: readonly string[]): boolean {
  let hasName = false;
  let before = "";
  for (let i = 0; i < pairs.length; i += 2) {
    const [name, value] = [pairs[i]!, pairs[i + 1]!];
    if (value === "" || !isLabelName(name) || !value.isWellFormed() || compareBytewise(before, name) >= 0) return false;
    hasName ||= name === METRIC_NAME;
    before = name;
  }
  return hasName;
}

const isValid = ([name, value]: readonly [string, string]): boolean =>
  isLabelName(name) && value.isWellFormed() && (name !== METRIC_NAME || value !== "");

function sortedPairs(pairs: readonly string[]): [string, string][] {
  const out: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) out.push([pairs[i]!, pairs[i + 1]!]);
  return out.sort(([a], [b]) => compareBytewise(a, b));
}

/**
 * Formats labels as in Prometheus' error messages.
 * @param pairs names and values alternately, in any order
 */
export const labelsText = (pairs: readonly string[]): string => textOf(sortedPairs(pairs));

const textOf = (pairs: readonly (readonly [string, string])[]): string =>
  `{${pairs.map(([name, value]) => `${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`).join(", ")}}`;
