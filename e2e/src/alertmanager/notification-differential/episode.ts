/**
 * No event of an episode may happen at the time of a tick, otherwise the order would be random. Each kind of event has
 * its own part of the beat: actions and ends of alerts and silences at 0, ticks of groups that waited at a quarter, old
 * alerts (which are sent at once) at a half, reloads shortly after that, and ticks of the new groups before the next
 * beat.
 */
export const BEAT_MS = 1000;
export const QUARTER_MS = BEAT_MS / 4;

/** Beats of an episode. The reload happens in RELOAD_BEAT, and a minute of the wall clock begins in MINUTE_BEAT. */
export const BEATS = 28;
export const RELOAD_BEAT = 14;
export const MINUTE_BEATS = [9, 19] as const;

export type LabelSet = Readonly<Record<string, string>>;

/** One integration of a receiver: a webhook at the sink. */
export interface Hook {
  readonly sendResolved: boolean;
  readonly maxAlerts: number;
  /** Delay of the sink's answer. */
  readonly delayMs: number;
  /** The sink answers with this status from one beat to another (exclusive). */
  readonly refusal: { readonly status: number; readonly from: number; readonly to: number } | undefined;
  /** During this beat the sink fails once for each group: the servers retry after a random pause. -1 for never. */
  readonly failing: number;
}

export interface Receiver {
  readonly name: string;
  readonly hooks: readonly Hook[];
}

/** A daily interval in minutes relative to the minute that begins during the episode. */
export interface Interval {
  readonly name: string;
  /** Minutes relative to the one that begins; the end is exclusive. */
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

/** One configuration of an episode; another one follows after the reload. */
export interface Setting {
  readonly route: RouteNode;
  readonly inhibitions: readonly Inhibition[];
  readonly intervals: readonly Interval[];
}

/** One alert as posted; times are ms from the episode's begin, undefined if they are left out. */
export interface PostedAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: number | undefined;
  readonly endsAt: number | undefined;
}

export interface SilenceWish {
  /** Name within the episode: a later action with the same name changes the silence. */
  readonly name: string;
  readonly matchers: readonly { readonly name: string; readonly value: string; readonly type: string }[];
  readonly startsAt: number;
  readonly endsAt: number;
}

export type Action =
  | { readonly kind: "post"; readonly at: number; readonly alerts: readonly PostedAlert[] }
  | { readonly kind: "silence"; readonly at: number; readonly silence: SilenceWish }
  | { readonly kind: "expire"; readonly at: number; readonly name: string };

/** The events of one top-level route. */
export interface Episode {
  readonly seed: number;
  /** Value of the label that routes alerts to it; it is different when an episode is repeated. */
  readonly id: string;
  readonly receivers: readonly Receiver[];
  /** Settings before and after the reload. */
  readonly settings: readonly [Setting, Setting];
  readonly actions: readonly Action[];
}

/** The label's name. */
export const EPISODE_LABEL = "episode";
