import type { LabelSet } from "../format/series-name.ts";
import { apiRoot } from "./prometheus.ts";
import { call, encodeParams } from "./request.ts";

/** The parameters of a backtest. An empty text of an Alertmanager or of behaviours is not sent. */
export interface BacktestForm {
  /** Text of a rule file. */
  readonly rules: string;
  /** Path of the rule file on the server. The times of evaluations depend on the path. */
  readonly file: string | undefined;
  /** Begin of the range: Unix seconds, or a duration before the end. */
  readonly from: string;
  /** End of the range, Unix seconds; undefined for now. */
  readonly to: number | undefined;
  /** Text of an alertmanager.yml. */
  readonly alertmanager: string;
  /** Text of a behaviour file. */
  readonly behaviours: string;
}

/** One occurrence of an alert. A missing time means that the event did not happen in the range. */
export interface AlertOccurrence {
  readonly labels: LabelSet;
  readonly value: string;
  readonly pendingAt: string;
  readonly firingAt?: string;
  readonly firingSeconds?: number;
  readonly endedAt?: string;
}

/** A rule of a backtest. Only alerting rules have a summary and occurrences. Durations are in ms. */
export interface BacktestRule {
  readonly group: string;
  readonly kind: "alerting" | "recording";
  readonly name: string;
  readonly evaluations: number;
  readonly failures?: { readonly count: number; readonly firstAt: string; readonly message: string };
  readonly summary?: {
    readonly fired: number;
    readonly labelSets: number;
    readonly firingMs: number;
    readonly longestMs: number;
    /** Number of occurrences that fired for less than five minutes. */
    readonly short: number;
    readonly pendingOnly: number;
  };
  /** Number of occurrences that the report does not contain. */
  readonly hiddenOccurrences?: number;
  readonly occurrences?: readonly AlertOccurrence[];
}

/** A notification that the Alertmanager would have sent. */
export interface BacktestNotification {
  readonly at: string;
  readonly receiver: string;
  readonly integration: string;
  readonly groupLabels: LabelSet;
  readonly reason: string;
  readonly firing: readonly LabelSet[];
  readonly resolved: readonly LabelSet[];
}

/** A firing alert of which a receiver would not have been notified. */
export interface UnnotifiedAlert {
  readonly labels: LabelSet;
  readonly firingAt: string;
  readonly endedAt?: string;
  readonly receiver?: string;
  readonly reasons: readonly { readonly cause: string; readonly by: readonly string[] }[];
}

export interface BacktestReport {
  readonly from: string;
  readonly to: string;
  readonly rules: readonly BacktestRule[];
  /** Undefined if the backtest has no Alertmanager, as the three properties below. */
  readonly notifications?: readonly BacktestNotification[];
  readonly hiddenNotifications?: number;
  readonly notNotified?: readonly UnnotifiedAlert[];
  readonly hiddenNotNotified?: number;
}

/** Evaluates rules over the samples of the server. */
export function postBacktest({ alertmanager, behaviours, ...form }: BacktestForm, signal: AbortSignal) {
  const given = (text: string): string | undefined => (text.trim() === "" ? undefined : text);
  const text = encodeParams({ ...form, alertmanager: given(alertmanager), behaviours: given(behaviours) });
  return call<BacktestReport>(`${apiRoot}/narthex/backtest`, {
    method: "POST",
    body: { type: "application/x-www-form-urlencoded", text },
    signal,
  });
}
