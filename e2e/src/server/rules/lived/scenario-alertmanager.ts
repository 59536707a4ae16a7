import type { Random } from "../../../support/random.ts";
import { PULSE } from "./scenario-rules.ts";
import { EPISODE_S } from "./scenario-data.ts";

/** A silence for `POST /api/v2/silences`. */
export interface PostedSilence {
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

/** A part of time in which episodes take place, Unix ms. */
export interface LifeTime {
  readonly beginMs: number;
  readonly endMs: number;
}

const MINUTE = 60_000;
/** More minutes than the start of all processes takes. */
const MINUTES_TO_BEGIN = 60;

/**
 * Returns random times of a route. An evaluation is at a full second, and a flush half a second after a full second.
 * No repeat interval is a multiple of a group interval, so that a late flush does not change which flush repeats.
 */
const timesOf = (random: Random): object => ({
  group_wait: random.pick(["500ms", "1500ms", "2500ms"]),
  group_interval: random.pick(["1s", "2s", "3s", "4s"]),
  repeat_interval: random.pick(["3500ms", "6500ms", "12500ms"]),
});

/**
 * Returns an alertmanager.yml with random routes, inhibitions, and two time intervals: even and odd minutes.
 *
 * @param hooks URL below which each receiver has a webhook
 * @param lifeMs duration of the life, which begins soon
 */
export function alertmanagerYml(random: Random, hooks: string, lifeMs: number): string {
  const route = (receiver: string, rest: object): object => ({ receiver, ...timesOf(random), ...rest });
  const receivers = ["all", "team", "lists", "pager", "shared", "pulse"].map((name) => ({
    name,
    webhook_configs: [{ url: `${hooks}/${name}`, send_resolved: random.chance(75) }],
  }));
  return JSON.stringify({
    route: route("all", {
      group_by: ["alertname", "episode"],
      routes: [
        {
          receiver: "pulse",
          matchers: [`alertname="${PULSE}"`],
          group_by: ["episode"],
          group_wait: "500ms",
          group_interval: "1s",
        },
        route("shared", { matchers: ['alertname="Shared"'], group_by: ["episode"] }),
        route("team", { matchers: ['team="x"'], group_by: ["episode", "team"], continue: true }),
        route("lists", {
          matchers: ['alertname=~"Valued|Missing"'],
          group_by: ["episode"],
          active_time_intervals: ["odd"],
        }),
        route("pager", { matchers: ['severity="page"'], group_by: ["..."], mute_time_intervals: ["even"] }),
      ],
    }),
    inhibit_rules: [
      {
        source_matchers: ['severity="critical"'],
        target_matchers: ['severity="warning"'],
        equal: ["episode", "instance"],
      },
      { source_matchers: ['alertname="Many"'], target_matchers: ['alertname="Chained"'], equal: ["episode"] },
    ],
    time_intervals: [
      { name: "even", time_intervals: [{ times: minutesOf(lifeMs, 0) }] },
      { name: "odd", time_intervals: [{ times: minutesOf(lifeMs, 1) }] },
    ],
    receivers,
  });
}

/** Returns the next minutes whose number is even (`rest` is 0) or odd (1), as times of day in UTC. */
function minutesOf(lifeMs: number, rest: 0 | 1): readonly object[] {
  const first = Math.floor(Date.now() / MINUTE);
  const count = Math.ceil(lifeMs / MINUTE) + MINUTES_TO_BEGIN;
  return Array.from({ length: count }, (_, i) => first + i)
    .filter((minute) => minute % 2 === rest)
    .map((minute) => ({ start_time: timeOfDay(minute), end_time: timeOfDay(minute, 1) }));
}

/** Formats the time of a minute, or the end of this minute. The end of a day is 24:00. */
function timeOfDay(minute: number, more = 0): string {
  const ofDay = (minute % 1440) + more;
  return [Math.floor(ofDay / 60), ofDay % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Returns two silences of each episode. They begin and end at full seconds. */
export function silencesOf(random: Random, { beginMs, endMs }: LifeTime): readonly PostedSilence[] {
  const found: PostedSilence[] = [];
  const equal = (name: string, value: string) => ({ name, value, isRegex: false, isEqual: true });
  for (let at = 0; beginMs + at * EPISODE_S * 1000 < endMs; at++) {
    const episode = equal("episode", String(at));
    const own = [
      equal("instance", random.pick(["a", "b", "c", "d"])),
      { name: "alertname", value: random.pick(["High|Busy", "TeamHigh|.*ed"]), isRegex: true, isEqual: true },
    ];
    for (const matcher of own) {
      const startsMs = beginMs + (at * EPISODE_S + 4 + random.below(14)) * 1000;
      const endsMs = startsMs + (3 + random.below(10)) * 1000;
      found.push({
        matchers: [episode, matcher],
        startsAt: new Date(startsMs).toISOString(),
        endsAt: new Date(endsMs).toISOString(),
        createdBy: "me",
        comment: "work",
      });
    }
  }
  return found;
}
