import type { Dice } from "../../support/dice.ts";
import { ALERTNAMES, INSTANCES, JOBS, SEVERITIES } from "./draw-setting.ts";
import {
  type Action,
  BEAT_MS,
  BEATS,
  EPISODE_LABEL,
  type LabelSet,
  type PostedAlert,
  RELOAD_BEAT,
  type SilenceWish,
} from "./episode.ts";

/** resolve_timeout of every configuration: such an end is neither at an action nor at a tick. */
export const RESOLVE_TIMEOUT_MS = 3 * BEAT_MS + BEAT_MS / 8;

const HOUR_MS = 3_600_000;
/** Before a reload no alert begins: whether it would be told at once or after group_wait depends on who comes first. */
const QUIET_BEATS = 3;
/** The last beats are for what is still to be told. */
const LAST_BEAT = BEATS - 5;

/** An alert of the stream, as the generator knows it. */
interface Known {
  readonly labels: LabelSet;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Draws what is posted when; keeps in mind what fires. Nothing happens while a sink in trouble is told again. */
export function drawActions(dice: Dice, id: string, trouble: number): Action[] {
  const stream = new Stream(dice, id);
  const old = dice.chance(50) ? dice.pick([2, 4, 6, 8, 17]) : -1;
  const actions: Action[] = [];
  for (let beat = 1; beat < LAST_BEAT; beat++) {
    const at = beat * BEAT_MS;
    if (trouble >= 0 && beat >= trouble && beat < trouble + 2) continue;
    const quiet = beat > RELOAD_BEAT - QUIET_BEATS && beat <= RELOAD_BEAT;
    if (beat === 1 || dice.chance(55)) actions.push(...stream.posts(at, quiet));
    if (dice.chance(15)) actions.push(...stream.silencing(at));
    if (beat === old) actions.push(stream.longAgo(at + BEAT_MS / 2));
  }
  return actions;
}

class Stream {
  readonly #dice: Dice;
  readonly #id: string;
  readonly #known = new Map<string, Known>();
  readonly #silences = new Map<string, SilenceWish>();

  constructor(dice: Dice, id: string) {
    this.#dice = dice;
    this.#id = id;
  }

  /** One request: alerts that begin, go on or end. */
  posts(at: number, quiet: boolean): Action[] {
    const alerts: PostedAlert[] = [];
    const firing = [...this.#known.values()].filter(({ endsAt }) => endsAt > at + BEAT_MS / 2);
    if (!quiet) {
      for (let i = 1 + this.#dice.roll(4); i > 0; i--) alerts.push(this.#fire(at, this.#labels()));
    }
    for (const known of firing) {
      const fate = this.#dice.roll(10);
      if (alerts.some(({ labels }) => same(labels, known.labels))) continue;
      if (fate < 3) alerts.push(this.#resolve(at, known));
      else if (fate < 6) alerts.push(this.#extend(at, known));
      else if (fate === 6 && !quiet) alerts.push(...this.#relabel(at, known));
    }
    const once = alerts.filter(({ labels }, i) => alerts.findIndex((other) => same(other.labels, labels)) === i);
    return once.length === 0 ? [] : [{ kind: "post", at, alerts: once }];
  }

  /**
   * An alert that began an hour ago: its groups are told at once, and it ends on a beat. One only: of several it would be
   * chance there, not here, whether the first is told without the others.
   */
  longAgo(at: number): Action {
    const labels = this.#labels();
    if (this.#known.has(keyOf(labels))) return { kind: "post", at, alerts: [] };
    const endsAt = at - BEAT_MS / 2 + (3 + this.#dice.roll(8)) * BEAT_MS;
    const alert = this.#note({ labels, annotations: {}, startsAt: at - HOUR_MS, endsAt }, at);
    return { kind: "post", at, alerts: [alert] };
  }

  silencing(at: number): Action[] {
    const dice = this.#dice;
    const name = dice.pick(["one", "two", "three"]);
    const known = this.#silences.get(name);
    if (known !== undefined && dice.chance(40)) {
      this.#silences.delete(name);
      return [{ kind: "expire", at, name }];
    }
    const later = dice.chance(25) ? at + (1 + dice.roll(3)) * BEAT_MS : at;
    const extended = known !== undefined && known.endsAt > at && dice.chance(50) ? known : undefined;
    const startsAt = extended?.startsAt ?? later;
    const silence: SilenceWish = {
      name,
      matchers: extended?.matchers ?? this.#silenceMatchers(),
      startsAt,
      endsAt: Math.max(at, startsAt) + (1 + dice.roll(8)) * BEAT_MS,
    };
    this.#silences.set(name, silence);
    return [{ kind: "silence", at, silence }];
  }

  #silenceMatchers(): SilenceWish["matchers"] {
    const own = { name: EPISODE_LABEL, value: this.#id, type: "=" };
    const other = this.#dice.pick([
      { name: "severity", value: "critical", type: "=" },
      { name: "severity", value: "warn.*|info", type: "=~" },
      { name: "alertname", value: "Disk", type: "!=" },
      { name: "job", value: "", type: "=" },
      { name: "instance", value: "a:.+", type: "!~" },
    ]);
    return [own, other];
  }

  #labels(): LabelSet {
    const dice = this.#dice;
    return {
      alertname: dice.pick(ALERTNAMES),
      severity: dice.pick(SEVERITIES),
      instance: dice.pick(INSTANCES),
      ...(dice.chance(60) ? { job: dice.pick(JOBS) } : {}),
      ...(dice.chance(25) ? { zone: dice.pick(["eu", "us"]) } : {}),
      ...(dice.chance(15) ? { cell: "1" } : {}),
      [EPISODE_LABEL]: this.#id,
    };
  }

  #fire(at: number, labels: LabelSet): PostedAlert {
    const known = this.#known.get(keyOf(labels));
    if (known !== undefined && known.endsAt > at + BEAT_MS / 2) return this.#extend(at, known);
    const endsAt = this.#dice.chance(50) ? undefined : at + (1 + this.#dice.roll(9)) * BEAT_MS;
    return this.#note({ labels, annotations: this.#annotations(), startsAt: this.#begin(at, endsAt), endsAt }, at);
  }

  /**
   * An end without a start makes both servers take the end for the start, even one to come. A reload makes chance of
   * that: the group waits only if such an alert is the first that it is given.
   */
  #begin(at: number, endsAt: number | undefined, startsAt = at): number | undefined {
    if (endsAt !== undefined && at <= RELOAD_BEAT * BEAT_MS) return startsAt;
    return this.#dice.chance(60) ? startsAt : undefined;
  }

  /** The same alert once more, as Prometheus sends it at each evaluation. */
  #extend(at: number, { labels, startsAt }: Known): PostedAlert {
    const dice = this.#dice;
    const endsAt = dice.chance(40) ? undefined : at + (1 + dice.roll(9)) * BEAT_MS;
    const begin = this.#begin(at, endsAt, startsAt);
    return this.#note({ labels, annotations: this.#annotations(), startsAt: begin, endsAt }, at);
  }

  #resolve(at: number, { labels, startsAt }: Known): PostedAlert {
    const begin = this.#begin(at, undefined, startsAt);
    return this.#note({ labels, annotations: this.#annotations(), startsAt: begin, endsAt: at }, at);
  }

  /** A label changes: the old alert ends, another one begins. */
  #relabel(at: number, known: Known): PostedAlert[] {
    const changed = { ...known.labels, severity: this.#dice.pick(SEVERITIES) };
    if (same(changed, known.labels)) return [this.#extend(at, known)];
    return [this.#resolve(at, known), this.#fire(at, changed)];
  }

  #annotations(): LabelSet {
    return this.#dice.chance(50) ? {} : { summary: this.#dice.pick(["high", "very high <b>", "ü"]) };
  }

  /** What both servers will make of it, merging left aside: an alert is taken to end when it ends at the earliest. */
  #note(alert: PostedAlert, at: number): PostedAlert {
    const key = keyOf(alert.labels);
    const known = this.#known.get(key);
    const lives = known !== undefined && known.endsAt > at;
    this.#known.set(key, {
      labels: alert.labels,
      startsAt: lives ? known.startsAt : (alert.startsAt ?? at),
      endsAt: alert.endsAt ?? at + RESOLVE_TIMEOUT_MS,
    });
    return alert;
  }
}

const keyOf = (labels: LabelSet): string => JSON.stringify(Object.entries(labels).toSorted());
const same = (a: LabelSet, b: LabelSet): boolean => keyOf(a) === keyOf(b);
