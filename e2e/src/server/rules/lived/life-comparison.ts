import { EPISODE_S, PULSE_S } from "./scenario-data.ts";
import type { BacktestReport, Life, ObservedAlertmanager } from "./life.ts";
import { PULSE, SECOND_OFFSET_MS } from "./scenario-rules.ts";

// Times are compared as full seconds, because of the times of the scenario:
// - An evaluation is within 40 ms after a full second, and its time is the scheduled time, even if it is late.
// - Each group_wait is half a second longer than full seconds, and each group_interval has full seconds. So a flush is
//   due in the middle of a second, half a second after an evaluation and before the next.
// - Silences begin and end at full seconds, time intervals at full minutes.
// Therefore an alert may reach Alertmanager up to LATEST_MS late, and a notification may arrive until the end of its
// second: both have no effect on the notifications. A new alert Pulse is sent and notified in each second of an episode,
// which shows whether the machine was fast enough. An episode with a later Pulse is not compared.

/** Latest time of an Alertmanager's answer to alerts, ms after their evaluation. */
const LATEST_MS = 400;
const HALF_MS = 500;
const GROUPS = 2;

type LabelRecord = Readonly<Record<string, string>>;
/** Texts of one episode, by the labels of an alert, or by receiver and group. */
export type Texts = Map<string, string[]>;

/** Returns the episodes in which an Alertmanager got each alert and sent each notification in its second. */
export function episodesOnTime({ beginMs, episodes }: Life, observed: ObservedAlertmanager): readonly number[] {
  const sent = new Map<string, Set<string>>();
  for (const { alert, answeredMs } of observed.relayed) {
    const evaluatedMs = Date.parse(alert.startsAt);
    if (alert.labels["alertname"] !== PULSE || answeredMs - evaluatedMs > LATEST_MS) continue;
    const key = `${alert.labels["episode"]!} ${Math.floor(evaluatedMs / 1000)}`;
    sent.set(key, (sent.get(key) ?? new Set()).add(alert.labels["group"]!));
  }
  const notified = new Set<string>();
  const late = new Set<string>();
  for (const { atMs, receiver, groupLabels } of observed.notifications) {
    const { episode } = groupLabels;
    if (atMs % 1000 < HALF_MS) late.add(episode!);
    else if (receiver === "pulse") notified.add(`${episode!} ${Math.floor(atMs / 1000)}`);
  }
  const isOnTime = (episode: number): boolean => {
    const firstS = beginMs / 1000 + episode * EPISODE_S + 1;
    const seconds = Array.from({ length: PULSE_S - 1 }, (_, i) => `${episode} ${firstS + i}`);
    return !late.has(String(episode)) && seconds.every((key) => sent.get(key)?.size === GROUPS && notified.has(key));
  };
  return Array.from({ length: episodes }, (_, i) => i).filter(isOnTime);
}

const textOf = (labels: LabelRecord): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Appends a text to the list of a key. */
function add(lists: Map<string, string[]>, key: string, text: string): void {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  list.push(text);
}

const secondOf = (time: string): number => Date.parse(time) / 1000;

/**
 * Returns the transitions that the stored series ALERTS show: for each alert, the seconds in which it became pending,
 * fired and ended; "-" for an alert that did not fire, or has not ended.
 */
export function storedTransitions({ alertSeries, beginMs, endMs }: Life, episode: number): Texts {
  const states = new Map<string, Map<number, string>>();
  for (const { metric, values } of alertSeries) {
    const { __name__, alertstate, ...labels } = metric;
    if (labels["episode"] !== String(episode)) continue;
    const key = textOf(labels);
    const own = states.get(key) ?? new Map<number, string>();
    states.set(key, own);
    for (const [seconds] of values) own.set(evaluationOf(seconds, labels), alertstate!);
  }
  const found = new Map<string, string[]>();
  for (const [key, own] of states) for (const text of spans(own, beginMs / 1000, endMs / 1000)) add(found, key, text);
  return found;
}

/** Returns the second of the evaluation that wrote a sample. */
function evaluationOf(seconds: number, labels: LabelRecord): number {
  const isSecond = ["Chained", "Many"].includes(labels["alertname"]!) || labels["group"] === "second";
  return Math.floor(seconds + (isSecond ? SECOND_OFFSET_MS / 1000 : 0));
}

function spans(states: ReadonlyMap<number, string>, fromS: number, toS: number): readonly string[] {
  const found: string[] = [];
  let begun: number | undefined;
  let fired: number | undefined;
  for (let second = fromS; second < toS; second++) {
    const state = states.get(second);
    if (begun !== undefined && state === undefined) {
      found.push(`${begun} ${fired ?? "-"} ${second}`);
      begun = undefined;
      fired = undefined;
    } else if (state !== undefined) {
      begun ??= second;
      if (state === "firing") fired ??= second;
    }
  }
  if (begun !== undefined) found.push(`${begun} ${fired ?? "-"} -`);
  return found;
}

/** Returns the transitions of a backtest, as `storedTransitions` does. */
export function replayedTransitions({ rules }: BacktestReport, episode: number): Texts {
  const found = new Map<string, string[]>();
  for (const { labels, pendingAt, firingAt, endedAt } of rules.flatMap(({ occurrences = [] }) => occurrences)) {
    if (labels["episode"] !== String(episode)) continue;
    const times = [pendingAt, firingAt, endedAt].map((time) => (time === undefined ? "-" : secondOf(time)));
    add(found, textOf(labels), times.join(" "));
  }
  return found;
}

/** Returns the notifications of an Alertmanager about an episode, in the order of arrival. */
export function sentNotifications({ endMs }: Life, { notifications }: ObservedAlertmanager, episode: number): Texts {
  const found = new Map<string, string[]>();
  for (const { atMs, receiver, groupLabels, notification_reason: reason, alerts } of notifications) {
    if (groupLabels["episode"] !== String(episode) || atMs >= endMs) continue;
    const of = (status: string): readonly LabelRecord[] =>
      alerts.filter((alert) => alert.status === status).map(({ labels }) => labels);
    const content = { firing: of("firing"), resolved: of("resolved") };
    add(found, `${receiver} ${textOf(groupLabels)}`, line(Math.floor(atMs / 1000), reason, content));
  }
  return found;
}

/** Returns the notifications of a backtest about an episode. */
export function replayedNotifications({ notifications }: BacktestReport, episode: number): Texts {
  const found = new Map<string, string[]>();
  for (const { at, receiver, groupLabels, reason, ...content } of notifications)
    if (groupLabels["episode"] === String(episode))
      add(found, `${receiver} ${textOf(groupLabels)}`, line(secondOf(at), reason, content));
  return found;
}

const line = (
  second: number,
  reason: string,
  { firing, resolved }: { readonly firing: readonly LabelRecord[]; readonly resolved: readonly LabelRecord[] },
): string => `${second} ${reason}: ${firing.map(textOf).join(" ")} | ${resolved.map(textOf).join(" ")}`;
