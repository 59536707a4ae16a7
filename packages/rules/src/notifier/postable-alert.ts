import { Labels } from "@narthex/model";
import { RESOLVED_RETENTION_MS } from "../alert.ts";
import type { DueAlert } from "../group.ts";

/** An alert in the format of Alertmanager's API v2. Times are in Unix ms. */
export interface PostableAlert {
  readonly labels: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  readonly startsAtMs: number;
  /** When the alert was resolved. For a firing alert, when it expires unless it is sent again. */
  readonly endsAtMs: number;
  /** Whether the alert was resolved. */
  readonly isResolved: boolean;
  readonly generatorUrl: string;
}

/**
 * Converts an alert to the format of Alertmanager's API. The end of a resolved alert is the time when it was resolved.
 * The end of an active alert is the time when the alert expires unless it is sent again.
 */
export function postableAlert({ alert, generatorUrl }: DueAlert): PostableAlert {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
    endsAtMs: alert.resolvedAtMs ?? alert.validUntilMs ?? alert.activeAtMs,
    isResolved: alert.resolvedAtMs !== undefined,
    generatorUrl,
  };
}

/**
 * Reports whether it is still correct to send an alert at the time `nowMs`: a firing alert until it expires, a resolved
 * alert for as long as its rule sends it again.
 */
export const isStillTrue = ({ endsAtMs, isResolved }: PostableAlert, nowMs: number): boolean =>
  nowMs < endsAtMs + (isResolved ? RESOLVED_RETENTION_MS : 0);

/** Adds the external labels that an alert does not have yet. */
export const withExternalLabels = (labels: Labels, external: Labels): Labels =>
  external.size === 0 ? labels : Labels.of([...external, ...labels]);

/** Returns alerts as the JSON body for `POST /api/v2/alerts`. */
export function postableAlertsJson(alerts: readonly PostableAlert[]): string {
  return JSON.stringify(
    alerts.map(({ labels, annotations, startsAtMs, endsAtMs, generatorUrl }) => ({
      annotations: Object.fromEntries(annotations),
      endsAt: new Date(endsAtMs).toISOString(),
      startsAt: new Date(startsAtMs).toISOString(),
      generatorURL: generatorUrl,
      labels: labels.toRecord(),
    })),
  );
}
