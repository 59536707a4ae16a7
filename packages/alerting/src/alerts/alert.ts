import { compareBytewise, type Labels } from "@narthex/model";

/** An alert as a client posted it, with default times and a fingerprint added. Times are Unix ms. */
export interface Alert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly updatedAt: number;
  /** True if `endsAt` was not given by the client, but set by resolve_timeout or at the restoration after a start. */
  readonly timeout: boolean;
  readonly generatorUrl: string;
  /** Fingerprint of the alert's labels: 16 hexadecimal digits. */
  readonly fingerprint: string;
}

export const isResolvedAt = (alert: Alert, now: number): boolean => alert.endsAt <= now;

/**
 * Merges two reports of an alert whose times overlap. The result has the content of the newer report, and the earliest
 * start and the latest end.
 */
export function mergeAlerts(a: Alert, b: Alert): Alert {
  const [older, newer] = a.updatedAt <= b.updatedAt ? [a, b] : [b, a];
  const startsAt = Math.min(older.startsAt, newer.startsAt);
  let { endsAt } = newer;
  if (isResolvedAt(newer, newer.updatedAt)) {
    if (isResolvedAt(older, newer.updatedAt)) endsAt = Math.max(endsAt, older.endsAt);
  } else if (older.endsAt > endsAt && !older.timeout) endsAt = older.endsAt;
  return { ...newer, startsAt, endsAt };
}

/**
 * Compares alerts in the order in which a notification lists them: by `job`, then by `instance`, then by all labels. An
 * alert without one of the two labels sorts after alerts with this label.
 */
export function compareAlerts(a: { readonly labels: Labels }, b: { readonly labels: Labels }): number {
  for (const name of ["job", "instance"]) {
    const [x, y] = [a.labels.get(name), b.labels.get(name)];
    if (x === y) continue;
    if (x === "" || y === "") return x === "" ? 1 : -1;
    return compareBytewise(x, y);
  }
  return compareLabelSets(a.labels, b.labels);
}

/**
 * Compares label sets for sorting. A set with fewer labels is first. Otherwise the first difference decides: a missing
 * name is first, then the lesser value.
 */
export function compareLabelSets(a: Labels, b: Labels): number {
  if (a.pairs.length !== b.pairs.length) return a.pairs.length - b.pairs.length;
  for (let i = 0; i < a.pairs.length; i += 2) {
    const names = compareBytewise(b.pairs[i]!, a.pairs[i]!);
    if (names !== 0) return names;
    const values = compareBytewise(a.pairs[i + 1]!, b.pairs[i + 1]!);
    if (values !== 0) return values;
  }
  return 0;
}
