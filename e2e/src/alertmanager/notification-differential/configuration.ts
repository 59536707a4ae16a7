import { BEAT_MS, type Episode, type Interval, type RouteNode, type Setting } from "./episode.ts";
import { RESOLVE_TIMEOUT_MS } from "./draw-actions.ts";

export interface ConfigurationOptions {
  /** 0 for the Alertmanager configuration before the reload, 1 for the configuration after the reload. */
  readonly phase: 0 | 1;
  /**
   * URL of the fake receiver for an Alertmanager, `http://host:port/<side>`. Webhook URLs append `/<receiver>/<index>`.
   */
  readonly sink: string;
  /** The full minute of the clock (UTC) that begins during the test, Unix ms. */
  readonly minute: number;
}

/**
 * Returns an alertmanager.yml for many episodes (random sequences of alerts and silences). Each episode has its own
 * top-level route.
 */
export function configurationOf(episodes: readonly Episode[], { phase, sink, minute }: ConfigurationOptions): string {
  const settings = episodes.map((episode) => episode.settings[phase]);
  const intervals = settings.flatMap(({ intervals: own }) => own);
  return [
    `global: {resolve_timeout: ${RESOLVE_TIMEOUT_MS}ms}`,
    "route:",
    "  receiver: nobody",
    "  routes:",
    ...settings.flatMap(({ route }) => printRoute(route, "    ")),
    "inhibit_rules:",
    ...settings.flatMap(({ inhibitions }) => inhibitions.map(printInhibition)),
    "time_intervals:",
    ...intervals.map((interval) => printInterval(interval, minute)),
    "receivers:",
    "  - name: nobody",
    ...episodes.flatMap(({ receivers }) =>
      receivers.flatMap(({ name, hooks }) => [
        `  - name: ${name}`,
        "    webhook_configs:",
        ...hooks.map(
          ({ sendResolved, maxAlerts }, i) =>
            `      - {url: '${sink}/${name}/${i}', send_resolved: ${sendResolved}, max_alerts: ${maxAlerts}}`,
        ),
      ]),
    ),
    "",
  ].join("\n");
}

/** Formats texts as a JSON list, which is valid YAML. */
const list = (texts: readonly string[]): string => JSON.stringify(texts);

function printRoute(node: RouteNode, indent: string): string[] {
  const line = (key: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${indent}  ${key}: ${value}`];
  const duration = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : `${ms}ms`);
  return [
    `${indent}- matchers: ${list(node.matchers)}`,
    ...line("receiver", node.receiver === "" ? undefined : node.receiver),
    ...line("group_by", node.groupBy === undefined ? undefined : list(node.groupBy)),
    ...line("group_wait", duration(node.groupWaitMs)),
    ...line("group_interval", duration(node.groupIntervalMs)),
    ...line("repeat_interval", duration(node.repeatIntervalMs)),
    ...line("continue", String(node.continues)),
    ...line("mute_time_intervals", node.mute.length === 0 ? undefined : list(node.mute)),
    ...line("active_time_intervals", node.active.length === 0 ? undefined : list(node.active)),
    ...(node.routes.length === 0 ? [] : [`${indent}  routes:`]),
    ...node.routes.flatMap((child) => printRoute(child, `${indent}    `)),
  ];
}

const printInhibition = ({ source, target, equal }: Setting["inhibitions"][number]): string =>
  `  - {source_matchers: ${list(source)}, target_matchers: ${list(target)}, equal: ${list(equal)}}`;

const DAY_MINUTES = 24 * 60;

/**
 * Formats a daily time interval for YAML. An interval that crosses midnight UTC becomes two ranges, because a range
 * must not cross midnight.
 */
export function printInterval({ name, fromMinute, toMinute }: Interval, minute: number): string {
  const clock = (minuteOfDay: number): string =>
    [Math.floor(minuteOfDay / 60), minuteOfDay % 60].map((part) => String(part).padStart(2, "0")).join(":");
  const from = (((minute / 60_000 + fromMinute) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  const to = from + toMinute - fromMinute;
  const ranges =
    to <= DAY_MINUTES
      ? [[from, to]]
      : [
          [from, DAY_MINUTES],
          [0, to - DAY_MINUTES],
        ];
  const times = ranges.map(([start, end]) => `{start_time: '${clock(start!)}', end_time: '${clock(end!)}'}`);
  return `  - {name: ${name}, time_intervals: [{times: [${times.join(", ")}]}]}`;
}

/**
 * Returns the earliest start of a test run such that a full minute of the clock begins on one of the given beats (time
 * steps of the test).
 */
export function beginOf(now: number, minuteBeats: readonly number[]): { begin: number; minute: number } {
  const minute = Math.ceil(now / 60_000) * 60_000;
  for (const next of [minute, minute + 60_000]) {
    for (const beat of [...minuteBeats].toSorted((a, b) => b - a)) {
      const begin = next - beat * BEAT_MS;
      if (begin >= now) return { begin, minute: next };
    }
  }
  throw new Error("a minute has more beats than that");
}
