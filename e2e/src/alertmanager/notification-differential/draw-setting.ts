import type { Random } from "../../support/random.ts";
import { BEAT_MS, EPISODE_LABEL, type Interval, QUARTER_MS, type RouteNode, type Setting } from "./episode.ts";

export const ALERTNAMES = ["Disk", "Load", "Net"];
export const SEVERITIES = ["critical", "warning", "info"];
export const INSTANCES = ["a:1", "b:1", "c:1"];
export const JOBS = ["api", "db"];

const MATCHERS = [
  'severity="critical"',
  'severity!="info"',
  'severity=~"crit.*|info"',
  'job="api"',
  'job!~"a.*"',
  'job=""',
  'alertname=~"Disk|Net"',
  'alertname!="Load"',
  'instance=~"[ab]:1"',
  "zone=eu",
];

const GROUPINGS = [["alertname"], ["alertname", "severity"], ["job"], ["instance", "zone"], ["..."], [], undefined];

/**
 * Generates a random routing configuration: a route tree below the episode's top-level route, inhibitions and mute
 * intervals.
 */
export function drawSetting(random: Random, id: string, receivers: readonly string[]): Setting {
  const intervals = Array.from({ length: random.below(3) }, (_, i) => drawInterval(random, `${id}-${i}`));
  const names = intervals.map(({ name }) => name);
  const route = drawRoute(random, receivers, names, 0);
  return {
    route: { ...route, matchers: [`${EPISODE_LABEL}="${id}"`], continues: false },
    inhibitions: Array.from({ length: random.below(5) }, () => drawInhibition(random, id)),
    intervals,
  };
}

/**
 * Generates a mute interval that is always active, never active, or active until or from a full minute during the test.
 */
function drawInterval(random: Random, name: string): Interval {
  const [fromMinute, toMinute] = random.pick([
    [-3, 0],
    [0, 3],
    [-3, 3],
    [-9, -6],
  ] as const);
  return { name, fromMinute, toMinute };
}

/**
 * Generates an inhibition rule whose equal labels select at most one source alert. With several sources, Alertmanager
 * uses only one: if that source ends, the targets are notified although other sources fire. Ours uses all sources.
 */
function drawInhibition(random: Random, id: string): Setting["inhibitions"][number] {
  const own = `${EPISODE_LABEL}="${id}"`;
  const equal = random.pick([
    ["instance", "zone", "job", "cell"],
    ["instance", "job", "cell"],
    ["alertname", "job", "zone"],
    ["job"],
    [],
  ]);
  const pinned = Object.entries({
    alertname: "Disk",
    severity: "critical",
    instance: "a:1",
    job: "",
    zone: "",
    cell: "",
  });
  return {
    source: [own, ...pinned.filter(([name]) => !equal.includes(name)).map(([name, value]) => `${name}="${value}"`)],
    target: [own, random.pick(['severity="warning"', 'severity!="critical"', 'severity=~"warning|info"', 'job="db"'])],
    equal,
  };
}

function drawRoute(
  random: Random,
  receivers: readonly string[],
  intervals: readonly string[],
  depth: number,
): RouteNode {
  const isTop = depth === 0;
  const own = isTop || random.chance(40);
  const children = depth < 3 && random.chance(isTop ? 85 : 40) ? 1 + random.below(3) : 0;
  return {
    receiver: isTop || random.chance(70) ? random.pick(receivers) : "",
    matchers: random.some(MATCHERS).slice(0, 1 + random.below(2)),
    groupBy: isTop ? random.pick(GROUPINGS.slice(0, -1)) : random.pick(GROUPINGS),
    groupWaitMs: own ? random.below(3) * BEAT_MS + QUARTER_MS : undefined,
    groupIntervalMs: own ? (1 + random.below(4)) * BEAT_MS : undefined,
    // Repeat interval in ms that is not close to a multiple of the flush interval. Otherwise small delays would decide
    // whether a notification is repeated.
    repeatIntervalMs: own ? random.pick([1, 2, 4, 6, 30]) * BEAT_MS + QUARTER_MS / 2 : undefined,
    continues: random.chance(35),
    mute: intervals.length > 0 && random.chance(25) ? [random.pick(intervals)] : [],
    active: intervals.length > 0 && random.chance(20) ? [random.pick(intervals)] : [],
    routes: Array.from({ length: children }, () => drawRoute(random, receivers, intervals, depth + 1)),
  };
}
