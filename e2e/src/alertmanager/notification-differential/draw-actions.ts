import type { Random } from "../../support/random.ts";
import { ALERTNAMES, INSTANCES, JOBS, SEVERITIES } from "./draw-setting.ts";
import {
  type Action,
  BEAT_MS,
  BEATS,
  EPISODE_LABEL,
  type LabelSet,
  type PostedAlert,
  RELOAD_BEAT,
  type SilenceParams,
} from "./episode.ts";

/**
 * `resolve_timeout` of every Alertmanager configuration. With this value no alert expires at the time of a post or of a
 * group's flush.
 */
export const RESOLVE_TIMEOUT_MS = 3 * BEAT_MS + BEAT_MS / 8;

const HOUR_MS = 3_600_000;
/**
 * Number of beats (time steps) without new alerts before a configuration reload. Otherwise random order would
 * decide whether the alert waits for `group_wait`.
 */
const QUIET_BEATS = 3;
/** Last beat (time step) in which the test performs an action. The beats after it are for the last notifications. */
const LAST_BEAT = BEATS - 5;

/** A randomly generated alert, with its current state. */
interface Known {
  readonly labels: LabelSet;
  readonly startsAt: number;
  readonly endsAt: number;
}

/**
 * Generates random requests that post alerts, each with its time, and tracks which alerts are firing. No request is
 * sent while Alertmanager retries a notification that the fake receiver refused.
 */
export function drawActions(random: Random, id: string, trouble: number): Action[] {
  const stream = new Stream(random, id);
  const old = random.chance(50) ? random.pick([2, 4, 6, 8, 17]) : -1;
  const actions: Action[] = [];
  for (let beat = 1; beat < LAST_BEAT; beat++) {
    const at = beat * BEAT_MS;
    if (trouble >= 0 && beat >= trouble && beat < trouble + 2) continue;
    const quiet = beat > RELOAD_BEAT - QUIET_BEATS && beat <= RELOAD_BEAT;
    if (beat === 1 || random.chance(55)) actions.push(...stream.posts(at, quiet));
    if (random.chance(15)) actions.push(...stream.silencing(at));
    if (beat === old) actions.push(stream.longAgo(at + BEAT_MS / 2));
  }
  return actions;
}

class Stream {
  readonly #random: Random;
  readonly #id: string;
  readonly #known = new Map<string, Known>();
  readonly #silences = new Map<string, SilenceParams>();

  constructor(random: Random, id: string) {
    this.#random = random;
    this.#id = id;
  }

  /** Generates a request with alerts that start, continue or end. */
  posts(at: number, quiet: boolean): Action[] {
    const alerts: PostedAlert[] = [];
    const firing = [...this.#known.values()].filter(({ endsAt }) => endsAt > at + BEAT_MS / 2);
    if (!quiet) {
      for (let i = 1 + this.#random.below(4); i > 0; i--) alerts.push(this.#fire(at, this.#labels()));
    }
    for (const known of firing) {
      const fate = this.#random.below(10);
      if (alerts.some(({ labels }) => same(labels, known.labels))) continue;
      if (fate < 3) alerts.push(this.#resolve(at, known));
      else if (fate < 6) alerts.push(this.#extend(at, known));
      else if (fate === 6 && !quiet) alerts.push(...this.#relabel(at, known));
    }
    const once = alerts.filter(({ labels }, i) => alerts.findIndex((other) => same(other.labels, labels)) === i);
    return once.length === 0 ? [] : [{ kind: "post", at, alerts: once }];
  }

  /**
   * Generates an alert that started an hour ago, which Alertmanager notifies at once. There is at most one such alert,
   * because Alertmanager would send several of them sometimes separately and sometimes together.
   */
  longAgo(at: number): Action {
    const labels = this.#labels();
    if (this.#known.has(keyOf(labels))) return { kind: "post", at, alerts: [] };
    const endsAt = at - BEAT_MS / 2 + (3 + this.#random.below(8)) * BEAT_MS;
    const alert = this.#record({ labels, annotations: {}, startsAt: at - HOUR_MS, endsAt }, at);
    return { kind: "post", at, alerts: [alert] };
  }

  silencing(at: number): Action[] {
    const random = this.#random;
    const name = random.pick(["one", "two", "three"]);
    const known = this.#silences.get(name);
    if (known !== undefined && random.chance(40)) {
      this.#silences.delete(name);
      return [{ kind: "expire", at, name }];
    }
    const later = random.chance(25) ? at + (1 + random.below(3)) * BEAT_MS : at;
    const extended = known !== undefined && known.endsAt > at && random.chance(50) ? known : undefined;
    const startsAt = extended?.startsAt ?? later;
    const silence: SilenceParams = {
      name,
      matchers: extended?.matchers ?? this.#silenceMatchers(),
      startsAt,
      endsAt: Math.max(at, startsAt) + (1 + random.below(8)) * BEAT_MS,
    };
    this.#silences.set(name, silence);
    return [{ kind: "silence", at, silence }];
  }

  #silenceMatchers(): SilenceParams["matchers"] {
    const own = { name: EPISODE_LABEL, value: this.#id, type: "=" };
    const other = this.#random.pick([
      { name: "severity", value: "critical", type: "=" },
      { name: "severity", value: "warn.*|info", type: "=~" },
      { name: "alertname", value: "Disk", type: "!=" },
      { name: "job", value: "", type: "=" },
      { name: "instance", value: "a:.+", type: "!~" },
    ]);
    return [own, other];
  }

  #labels(): LabelSet {
    const random = this.#random;
    return {
      alertname: random.pick(ALERTNAMES),
      severity: random.pick(SEVERITIES),
      instance: random.pick(INSTANCES),
      ...(random.chance(60) ? { job: random.pick(JOBS) } : {}),
      ...(random.chance(25) ? { zone: random.pick(["eu", "us"]) } : {}),
      ...(random.chance(15) ? { cell: "1" } : {}),
      [EPISODE_LABEL]: this.#id,
    };
  }

  #fire(at: number, labels: LabelSet): PostedAlert {
    const known = this.#known.get(keyOf(labels));
    if (known !== undefined && known.endsAt > at + BEAT_MS / 2) return this.#extend(at, known);
    const endsAt = this.#random.chance(50) ? undefined : at + (1 + this.#random.below(9)) * BEAT_MS;
    return this.#record({ labels, annotations: this.#annotations(), startsAt: this.#begin(at, endsAt), endsAt }, at);
  }

  /**
   * Generates the start time of a posted alert, or undefined. Before the configuration reload, an alert with an end
   * always gets a start: Alertmanager would otherwise use the end as the start, and after the reload random order would
   * decide whether the group waits.
   */
  #begin(at: number, endsAt: number | undefined, startsAt = at): number | undefined {
    if (endsAt !== undefined && at <= RELOAD_BEAT * BEAT_MS) return startsAt;
    return this.#random.chance(60) ? startsAt : undefined;
  }

  /** Posts an alert again with a later end, as Prometheus does at each evaluation. */
  #extend(at: number, { labels, startsAt }: Known): PostedAlert {
    const random = this.#random;
    const endsAt = random.chance(40) ? undefined : at + (1 + random.below(9)) * BEAT_MS;
    const begin = this.#begin(at, endsAt, startsAt);
    return this.#record({ labels, annotations: this.#annotations(), startsAt: begin, endsAt }, at);
  }

  #resolve(at: number, { labels, startsAt }: Known): PostedAlert {
    const begin = this.#begin(at, undefined, startsAt);
    return this.#record({ labels, annotations: this.#annotations(), startsAt: begin, endsAt: at }, at);
  }

  /** Changes a label of an alert: the alert with the old label ends, and an alert with the new label begins. */
  #relabel(at: number, known: Known): PostedAlert[] {
    const changed = { ...known.labels, severity: this.#random.pick(SEVERITIES) };
    if (same(changed, known.labels)) return [this.#extend(at, known)];
    return [this.#resolve(at, known), this.#fire(at, changed)];
  }

  #annotations(): LabelSet {
    return this.#random.chance(50) ? {} : { summary: this.#random.pick(["high", "very high <b>", "ü"]) };
  }

  /**
   * Updates the expected state of a posted alert. An alert ends at the earliest end that was posted; the test does not
   * simulate how Alertmanager merges alerts.
   */
  #record(alert: PostedAlert, at: number): PostedAlert {
    const key = keyOf(alert.labels);
    const known = this.#known.get(key);
    const isFiring = known !== undefined && known.endsAt > at;
    this.#known.set(key, {
      labels: alert.labels,
      startsAt: isFiring ? known.startsAt : (alert.startsAt ?? at),
      endsAt: alert.endsAt ?? at + RESOLVE_TIMEOUT_MS,
    });
    return alert;
  }
}

const keyOf = (labels: LabelSet): string => JSON.stringify(Object.entries(labels).toSorted());
const same = (a: LabelSet, b: LabelSet): boolean => keyOf(a) === keyOf(b);
