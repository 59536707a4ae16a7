import type { LabelSet } from "../format/series-name.ts";
import { apiRoot } from "./prometheus.ts";
import { call, encodeParams } from "./request.ts";

/** The parameters of a backtest. Empty texts are not sent. */
export interface BacktestForm {
  /** Text of a rule file. */
  readonly rules: string;
  /** Path of the rule file on the server. The times of evaluations depend on the path. */
  readonly file: string | undefined;
  /** Begin of the range: Unix seconds, or a duration before the end. */
  readonly from: string;
  /** End of the range, Unix seconds; undefined for now. */
  readonly to: number | undefined;
  /** Text of the earlier version of the rule file. */
  readonly against: string;
  /** Text of an alertmanager.yml. */
  readonly alertmanager: string;
  /** Silences as JSON, as the API of the Alertmanager lists them. Sent only with an Alertmanager. */
  readonly silences: string;
  /** Texts of the behaviour files of both versions. The second is sent only with an earlier version. */
  readonly behaviours: string;
  readonly againstBehaviours: string;
}

/** A firing of only one of two versions of the rules. The labels are a text as in PromQL. */
export interface DifferentFiring {
  readonly labels: string;
  readonly firingAt: string;
  readonly endedAt: string;
}

/** Firings and notifications of only the new version of the rules (added), and of only the earlier version (lost). */
export interface BacktestDifferences {
  readonly added: readonly DifferentFiring[];
  readonly lost: readonly DifferentFiring[];
  readonly notifications?: {
    readonly added: readonly BacktestNotification[];
    readonly lost: readonly BacktestNotification[];
  };
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
  /** Undefined if the backtest has no earlier version. */
  readonly differences?: BacktestDifferences;
}

const given = (text: string): string | undefined => (text.trim() === "" ? undefined : text);

/** Returns the fields of the API. Texts that the API refuses without another text are left out with it. */
export function backtestFields({ rules, file, from, to, ...texts }: BacktestForm) {
  const [against, alertmanager] = [given(texts.against), given(texts.alertmanager)];
  return {
    rules,
    file,
    from,
    to,
    behaviours: given(texts.behaviours),
    against,
    against_behaviours: against === undefined ? undefined : given(texts.againstBehaviours),
    alertmanager,
    silences: alertmanager === undefined ? undefined : given(texts.silences),
  };
}

/** Evaluates rules over the samples of the server. */
export const postBacktest = (form: BacktestForm, signal: AbortSignal) =>
  call<BacktestReport>(`${apiRoot}/narthex/backtest`, {
    method: "POST",
    body: { type: "application/x-www-form-urlencoded", text: encodeParams(backtestFields(form)) },
    signal,
  });
