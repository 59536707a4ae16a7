import { compareBytewise, isLabelName, Labels } from "@narthex/model";
import type { Alert } from "../alerts/alert.ts";
import { fingerprint } from "../alerts/fingerprint.ts";

/**
 * An alert of a request body, decoded but not validated. A start or end time is NaN if the request does not contain it.
 */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly generatorUrl: string;
}

/** A posted alert with all defaults set, or the reason why the alert is refused. */
export type CompletedAlert =
  | { readonly ok: true; readonly alert: Alert }
  | { readonly ok: false; readonly problem: string; readonly resolved: boolean };

/** Sets default times and the fingerprint, drops empty labels, and validates the alert. */
export function completeAlert(
  posted: PostedAlert,
  now: number,
  resolveTimeoutMs: number,
  scheme: "legacy" | "utf8",
): CompletedAlert {
  const timeout = Number.isNaN(posted.endsAt);
  const endsAt = timeout ? now + resolveTimeoutMs : posted.endsAt;
  const startsAt = startOf(posted, now);
  const labels = Labels.of(posted.labels);
  const problem = problemOf(posted, labels, startsAt, endsAt, scheme);
  if (problem !== undefined) return { ok: false, problem, resolved: endsAt <= now };
  const alert: Alert = {
    labels,
    annotations: annotationsOf(posted.annotations),
    startsAt,
    endsAt,
    updatedAt: now,
    timeout,
    generatorUrl: posted.generatorUrl,
    fingerprint: fingerprint(labels),
  };
  return { ok: true, alert };
}

/** Returns annotations as labels. Unlike a label, an annotation with an empty value is kept. */
const annotationsOf = (texts: Readonly<Record<string, string>>): Labels =>
  Labels.fromSortedPairs(
    Object.entries(texts)
      .sort(([a], [b]) => compareBytewise(a, b))
      .flat(),
  );

function startOf({ startsAt, endsAt }: PostedAlert, now: number): number {
  if (!Number.isNaN(startsAt)) return startsAt;
  return Number.isNaN(endsAt) ? now : endsAt;
}

function problemOf(
  posted: PostedAlert,
  labels: Labels,
  startsAt: number,
  endsAt: number,
  scheme: "legacy" | "utf8",
): string | undefined {
  if (endsAt < startsAt) return "start time must be before end time";
  if (labels.size === 0) return "at least one label pair required";
  const faulty = setProblem(labels, scheme);
  if (faulty !== undefined) return `invalid label set: ${faulty}`;
  const faultyAnnotation = setProblem(Object.entries(posted.annotations), scheme);
  return faultyAnnotation === undefined ? undefined : `invalid annotations: ${faultyAnnotation}`;
}

function setProblem(set: Iterable<readonly [string, string]>, scheme: "legacy" | "utf8"): string | undefined {
  for (const [name, value] of set) {
    if (!isLabelName(name, scheme)) return `invalid name ${JSON.stringify(name)}`;
    if (!value.isWellFormed()) return `invalid value ${JSON.stringify(value)}`;
  }
  return undefined;
}
