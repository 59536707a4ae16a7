import { Labels } from "@narthex/model";
import { promtool } from "../../../support/data-folder.ts";
import type { SentAlert } from "../alert-sink.ts";
import type { ObservedServer } from "./observed-server.ts";

/** Notifications and samples that the rules of a server caused, until a time for each rule. */
export interface Observation {
  /** Notifications of each alert, by its labels and the link to its rule, in order. */
  readonly alerts: ReadonlyMap<string, readonly string[]>;
  /** Samples of each series, as `time value`. */
  readonly samples: ReadonlyMap<string, readonly string[]>;
}

interface Timing {
  /** Time for which a firing alert is valid, ms. */
  readonly validMs: number;
  /** Time between two notifications of the same state of an alert, ms. */
  readonly againMs: number;
}

/**
 * Returns the time until which two servers have evaluated a group at the same times since the beginning of the run,
 * without the last evaluation, which may not have ended. A server that got too little processor time may have missed
 * evaluations. Undefined if both have not evaluated the group at the beginning.
 */
export function equalUntil(
  [ours, theirs]: readonly (readonly number[] | undefined)[],
  beginMs: number,
): number | undefined {
  if (ours === undefined || theirs === undefined || ours[0]! >= beginMs || theirs[0]! >= beginMs) return undefined;
  const [mine, other] = [ours, theirs].map((times) => times.filter((time) => time >= beginMs));
  const first = mine!.findIndex((time, i) => time !== other![i]);
  return mine![(first < 0 ? mine!.length : first) - 2];
}

/**
 * Returns the notifications and the samples of a server that has ended.
 *
 * @param untilOf returns the time until which the alerts or series of a name are compared
 */
export function observe(server: ObservedServer, untilOf: (name: string) => number, timing: Timing): Observation {
  return { alerts: alertsOf(server.sink.alerts, untilOf, timing), samples: samplesOf(server.data, untilOf) };
}

function alertsOf(
  received: readonly SentAlert[],
  untilOf: (name: string) => number,
  { validMs, againMs }: Timing,
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  /** The latest end of each alert that was sent, and how often it was sent. */
  const latest = new Map<string, { readonly endMs: number; readonly isResolved: boolean; readonly times: number }>();
  for (const { labels, annotations, startsAt, endsAt, generatorURL } of received) {
    // Two rules may have alerts with equal labels.
    const key = `${Labels.of(labels).toString()} ${generatorURL}`;
    const endMs = Date.parse(endsAt);
    const before = latest.get(`${key} ${startsAt}`);
    // A firing alert expires later with each notification. A resolved alert has ended before it would have expired.
    const isResolved = before !== undefined && endMs <= before.endMs;
    const times = isResolved && before.isResolved ? before.times + 1 : 0;
    latest.set(`${key} ${startsAt}`, { endMs, isResolved, times });
    // A resolved alert is sent when it ends, and then again at equal distances.
    const sentMs = isResolved ? endMs + times * againMs : endMs - validMs;
    if (sentMs > untilOf(labels["alertname"]!)) continue;
    const texts = JSON.stringify(Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    found.set(key, [...(found.get(key) ?? []), `${startsAt} ${endsAt} ${texts}`]);
  }
  return found;
}

/** A line of `promtool tsdb dump`. */
const DUMPED = /^(\{.*\}) (\S+) (\d+)$/;
const NAME = /__name__="([^"]*)"/;
const ALERT_NAME = /[{ ]alertname="((?:[^"\\]|\\.)*)"/;

function samplesOf(data: string, untilOf: (name: string) => number): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of promtool("dump", data).split("\n")) {
    const [, series, value, time] = DUMPED.exec(line) ?? [];
    if (series === undefined) continue;
    const name = NAME.exec(series)?.[1] ?? "";
    const until = untilOf(name.startsWith("ALERTS") ? (ALERT_NAME.exec(series)?.[1] ?? "") : name);
    if (Number(time) > until) continue;
    const samples = found.get(series) ?? [];
    found.set(series, samples);
    samples.push(`${time} ${value}`);
  }
  return found;
}

/** Differences that a failed test prints. */
const MAX_DIFFERENCES = 20;

/** Describes the first differences of two observations, each with the name of the alert or of the series. */
export function differences(ours: Observation["alerts"], theirs: Observation["alerts"]): string[] {
  const found: string[] = [];
  for (const key of new Set([...theirs.keys(), ...ours.keys()])) {
    const [mine = [], other = []] = [ours.get(key), theirs.get(key)];
    const at = Array.from({ length: Math.max(mine.length, other.length) }, (_, i) => i).find(
      (i) => mine[i] !== other[i],
    );
    if (at === undefined) continue;
    found.push(`${key} ${at}: ours ${mine[at] ?? "nothing"}, theirs ${other[at] ?? "nothing"}`);
    if (found.length === MAX_DIFFERENCES) break;
  }
  return found;
}
