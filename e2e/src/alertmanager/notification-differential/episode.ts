/**
 * Length in ms of a beat, the time step of the test. Each kind of event has its own part of the beat, because the order
 * of simultaneous events is random. Start: posts, and ends of alerts and silences. Quarter: flushes of groups that
 * waited. Half: alerts with an old start, then reloads. End: flushes of new groups.
 */
export const BEAT_MS = 1000;
export const QUARTER_MS = BEAT_MS / 4;

/**
 * Number of beats (time steps) of a test scenario. Alertmanager reloads its configuration in RELOAD_BEAT. A minute of
 * the clock begins in one of MINUTE_BEATS.
 */
export const BEATS = 28;
export const RELOAD_BEAT = 14;
export const MINUTE_BEATS = [9, 19] as const;

export type LabelSet = Readonly<Record<string, string>>;

/** One webhook of a receiver. The test's fake receiver answers the requests to this webhook. */
export interface Hook {
  readonly sendResolved: boolean;
  readonly maxAlerts: number;
  /** Delay before the fake receiver answers, ms. */
  readonly delayMs: number;
  /** HTTP status with which the fake receiver answers from beat (time step) `from` to beat `to`, exclusive. */
  readonly refusal: { readonly status: number; readonly from: number; readonly to: number } | undefined;
  /**
   * Beat (time step) in which the fake receiver fails once for each alert group, so that Alertmanager retries; -1 for
   * never.
   */
  readonly failing: number;
}

export interface Receiver {
  readonly name: string;
  readonly hooks: readonly Hook[];
}

/** A daily mute interval. Its times are in minutes relative to a full minute that begins during the episode. */
export interface Interval {
  readonly name: string;
  /**
   * First minute of the mute interval, relative to the full minute that begins during the test. `toMinute` is
   * exclusive.
   */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface RouteNode {
  readonly receiver: string;
  readonly matchers: readonly string[];
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  readonly repeatIntervalMs: number | undefined;
  readonly continues: boolean;
  readonly mute: readonly string[];
  readonly active: readonly string[];
  readonly routes: readonly RouteNode[];
}

interface Inhibition {
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly equal: readonly string[];
}

/**
 * A routing configuration of a test scenario. Each scenario has two: one before and one after the configuration reload.
 */
export interface Setting {
  readonly route: RouteNode;
  readonly inhibitions: readonly Inhibition[];
  readonly intervals: readonly Interval[];
}

/**
 * An alert in a POST request to Alertmanager. Times are ms from the start of the test; undefined if the request omits
 * them.
 */
export interface PostedAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: number | undefined;
  readonly endsAt: number | undefined;
}

export interface SilenceParams {
  /** Name of the silence within the test scenario. A later action with the same name changes the silence. */
  readonly name: string;
  readonly matchers: readonly { readonly name: string; readonly value: string; readonly type: string }[];
  readonly startsAt: number;
  readonly endsAt: number;
}

export type Action =
  | { readonly kind: "post"; readonly at: number; readonly alerts: readonly PostedAlert[] }
  | { readonly kind: "silence"; readonly at: number; readonly silence: SilenceParams }
  | { readonly kind: "expire"; readonly at: number; readonly name: string };

/**
 * A test scenario with its own top-level route: two Alertmanager configurations and a sequence of posts and silences.
 */
export interface Episode {
  readonly seed: number;
  /** Value of the label that routes alerts to this scenario. A repetition of the scenario has another value. */
  readonly id: string;
  readonly receivers: readonly Receiver[];
  /** Routing configurations before and after the configuration reload. */
  readonly settings: readonly [Setting, Setting];
  readonly actions: readonly Action[];
}

/** Name of the label that routes an alert to its test scenario. */
export const EPISODE_LABEL = "episode";
