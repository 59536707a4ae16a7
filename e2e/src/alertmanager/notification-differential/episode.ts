/**
 * Nothing in an episode may happen at the moment of a tick, or what came first would be chance. Each kind of event has a
 * part of the beat of its own: actions, ends of alerts and silences at 0, ticks of groups that waited at a quarter,
 * alerts from long ago (told at once) at a half, reloads a little after that, and what they make tick, before the next
 * beat.
 */
export const BEAT_MS = 1000;
export const QUARTER_MS = BEAT_MS / 4;

/** Beats of an episode; the reload comes in this one, and in this one a minute of the wall clock begins. */
export const BEATS = 28;
export const RELOAD_BEAT = 14;
export const MINUTE_BEATS = [9, 19] as const;

export type LabelSet = Readonly<Record<string, string>>;

/** One integration of a receiver: a webhook at the sink. */
export interface Hook {
  readonly sendResolved: boolean;
  readonly maxAlerts: number;
  /** The sink takes so long to answer. */
  readonly delayMs: number;
  /** From beat to beat (exclusive) the sink answers with this status. */
  readonly refusal: { readonly status: number; readonly from: number; readonly to: number } | undefined;
  /** During this beat the sink fails each group once: it is told again after a random pause. -1 for never. */
  readonly failing: number;
}

export interface Receiver {
  readonly name: string;
  readonly hooks: readonly Hook[];
}

/** An interval of a day's minutes, relative to the one that begins during the episode. */
export interface Interval {
  readonly name: string;
  /** Minutes from the one that begins; end exclusive. */
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

export interface Inhibition {
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly equal: readonly string[];
}

/** One configuration of an episode; there is another one after the reload. */
export interface Setting {
  readonly route: RouteNode;
  readonly inhibitions: readonly Inhibition[];
  readonly intervals: readonly Interval[];
}

/** One alert as posted; times are ms from the episode's begin, undefined where they are left out. */
export interface PostedAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: number | undefined;
  readonly endsAt: number | undefined;
}

export interface SilenceWish {
  /** Name within the episode: a later wish of the same name changes the silence. */
  readonly name: string;
  readonly matchers: readonly { readonly name: string; readonly value: string; readonly type: string }[];
  readonly startsAt: number;
  readonly endsAt: number;
}

export type Action =
  | { readonly kind: "post"; readonly at: number; readonly alerts: readonly PostedAlert[] }
  | { readonly kind: "silence"; readonly at: number; readonly silence: SilenceWish }
  | { readonly kind: "expire"; readonly at: number; readonly name: string };

/** What happens to one top-level route. */
export interface Episode {
  readonly seed: number;
  /** Value of the label that leads alerts to it; an episode that is played again has another. */
  readonly id: string;
  readonly receivers: readonly Receiver[];
  /** Before the reload and after it. */
  readonly settings: readonly [Setting, Setting];
  readonly actions: readonly Action[];
}

/** The label's name. */
export const EPISODE_LABEL = "episode";
