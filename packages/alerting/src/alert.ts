import { compareBytewise, compareLabels, type Labels } from "@narthex/model";

/** An alert as a client posted it, completed. Times are Unix ms. */
export interface Alert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly updatedAt: number;
  /** endsAt was set by resolve_timeout, not by the client. */
  readonly timeout: boolean;
  readonly generatorUrl: string;
  /** 16 hexadecimal digits. */
  readonly fingerprint: string;
}

export const isResolvedAt = (alert: Alert, now: number): boolean => alert.endsAt <= now;

/** One alert out of two reports of it whose times overlap: the newer one's content over the longer span. */
export function mergeAlerts(a: Alert, b: Alert): Alert {
  const [older, newer] = a.updatedAt <= b.updatedAt ? [a, b] : [b, a];
  const startsAt = Math.min(older.startsAt, newer.startsAt);
  let { endsAt } = newer;
  if (isResolvedAt(newer, newer.updatedAt)) {
    if (isResolvedAt(older, newer.updatedAt)) endsAt = Math.max(endsAt, older.endsAt);
  } else if (older.endsAt > endsAt && !older.timeout) endsAt = older.endsAt;
  return { ...newer, startsAt, endsAt };
}

/** Order of alerts in notifications: job, then instance (absent last), then the labels. */
export function compareAlerts(a: { readonly labels: Labels }, b: { readonly labels: Labels }): number {
  for (const name of ["job", "instance"]) {
    const [x, y] = [a.labels.get(name), b.labels.get(name)];
    if (x === y) continue;
    if (x === "" || y === "") return x === "" ? 1 : -1;
    return compareBytewise(x, y);
  }
  return a.labels.size - b.labels.size || compareLabels(a.labels, b.labels);
}
