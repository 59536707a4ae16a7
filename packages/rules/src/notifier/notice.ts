import { Labels } from "@narthex/model";
import type { DueAlert } from "../group.ts";

/** An alert as Alertmanager's API v2 takes it; times in ms. */
export interface Notice {
  readonly labels: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly generatorUrl: string;
}

/** A due alert as it is told: from when it fired until it resolved, or until it need not be believed any longer. */
export function noticeOf({ alert, generatorUrl }: DueAlert): Notice {
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
export function noticesJson(notices: readonly Notice[]): string {
  return JSON.stringify(
    notices.map(({ labels, annotations, startsAtMs, endsAtMs, generatorUrl }) => ({
      annotations: Object.fromEntries(annotations),
      endsAt: new Date(endsAtMs).toISOString(),
      startsAt: new Date(startsAtMs).toISOString(),
      generatorURL: generatorUrl,
      labels: labels.toRecord(),
    })),
  );
}
