import { Labels } from "@narthex/model";
import type { DueAlert } from "../group.ts";

/** An alert as Alertmanager's API v2 takes it; times in ms. */
export interface PostableAlert {
  readonly labels: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly generatorUrl: string;
}

/** A due alert as it is sent: from when it fired until it resolved, or until it counts no longer unless it is sent again. */
export function postableAlert({ alert, generatorUrl }: DueAlert): PostableAlert {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
    endsAtMs: alert.resolvedAtMs ?? alert.validUntilMs ?? alert.activeAtMs,
    generatorUrl,
  };
}

/** Adds external labels where the alert has none of that name. */
export const withExternalLabels = (labels: Labels, external: Labels): Labels =>
  external.size === 0 ? labels : Labels.of([...external, ...labels]);

/** The body of `POST /api/v2/alerts`. */
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
