import type { AlertGroup, ManagedAlert } from "../api/alertmanager.ts";
import { parseApiTime } from "../format/instant.ts";
import type { AlertView } from "./alert-view.ts";

/**
 * The states of alerts that a view can hide. As in the API's filter, an alert that is muted only by a time interval is
 * also active.
 */
export type AlertState = "active" | "silenced" | "inhibited" | "muted";

export interface GroupSummary {
  readonly group: AlertGroup;
  /** The alerts to show, ordered by severity and then from newest to oldest. */
  readonly shown: readonly ManagedAlert[];
  readonly hiddenCount: number;
  readonly silencedCount: number;
  readonly inhibitedCount: number;
  /** Number of shown alerts that a person has acknowledged. */
  readonly acknowledgedCount: number;
  /**
   * The values of the label `severity` among the shown alerts, each with its number of alerts. The most severe value is
   * first.
   */
  readonly severities: ReadonlyArray<readonly [severity: string, count: number]>;
  /** Annotation text of the first alert; null if it has no annotations. */
  readonly text: string | null;
  /** Time at which the first of the shown alerts started, Unix milliseconds. */
  readonly sinceMs: number;
}

export const groupOrders = ["severity", "newest", "oldest", "labels"] as const;
export type GroupOrder = (typeof groupOrders)[number];

const ranks: ReadonlyArray<readonly string[]> = [
  ["emergency", "disaster", "fatal", "page", "p0", "sev0"],
  ["critical", "crit", "p1", "sev1"],
  ["high", "error", "major", "p2", "sev2"],
  ["warning", "warn", "medium", "minor", "p3", "sev3"],
  ["low", "notice", "p4", "sev4"],
  ["info", "information", "informational", "debug", "none", "p5", "sev5"],
];

/**
 * Returns the rank of a severity; 0 is the worst. An unknown severity ranks between warning and low, an empty one last.
 */
export function severityRank(severity: string): number {
  if (severity === "") return ranks.length;
  const rank = ranks.findIndex((names) => names.includes(severity.toLowerCase()));
  return rank === -1 ? 3.5 : rank;
}

const severityOf = (alert: ManagedAlert): string => alert.labels["severity"] ?? "";
const startOf = (alert: ManagedAlert): number => parseApiTime(alert.startsAt) ?? 0;

function statesOf({ status: { silencedBy, inhibitedBy, mutedBy = [] } }: ManagedAlert): AlertState[] {
  const states: AlertState[] = [];
  if (silencedBy.length > 0) states.push("silenced");
  if (inhibitedBy.length > 0) states.push("inhibited");
  if (states.length === 0) states.push("active");
  if (mutedBy.length > 0) states.push("muted");
  return states;
}

/** Counts the alerts by state. An alert may have several states. */
export function countStates(groups: readonly AlertGroup[]): Readonly<Record<AlertState, number>> {
  const counts = { active: 0, silenced: 0, inhibited: 0, muted: 0 };
  for (const alert of groups.flatMap(({ alerts }) => alerts)) for (const state of statesOf(alert)) counts[state]++;
  return counts;
}

/**
 * Returns the annotation that describes an alert: `summary` or another short one if present, otherwise a longer one.
 */
export function textOf({ annotations }: Pick<ManagedAlert, "annotations">): string | null {
  return annotations["summary"] ?? annotations["title"] ?? annotations["message"] ?? annotations["description"] ?? null;
}

function compareAlerts(left: ManagedAlert, right: ManagedAlert): number {
  return severityRank(severityOf(left)) - severityRank(severityOf(right)) || startOf(right) - startOf(left);
}

function countSeverities(alerts: readonly ManagedAlert[]): Array<readonly [string, number]> {
  const counts = new Map<string, number>();
  for (const severity of alerts.map(severityOf)) {
    if (severity !== "") counts.set(severity, (counts.get(severity) ?? 0) + 1);
  }
  return Array.from(counts).sort(([left], [right]) => severityRank(left) - severityRank(right));
}

export function summarizeGroup(group: AlertGroup, view: Pick<AlertView, AlertState>): GroupSummary {
  const shown = group.alerts.filter((alert) => statesOf(alert).every((state) => view[state])).toSorted(compareAlerts);
  return {
    group,
    shown,
    hiddenCount: group.alerts.length - shown.length,
    silencedCount: group.alerts.filter(({ status }) => status.silencedBy.length > 0).length,
    inhibitedCount: group.alerts.filter(({ status }) => status.inhibitedBy.length > 0).length,
    acknowledgedCount: shown.filter(({ acknowledgement }) => acknowledgement !== undefined).length,
    severities: countSeverities(shown),
    text: shown[0] === undefined ? null : textOf(shown[0]),
    sinceMs: shown.map(startOf).reduce((a, b) => Math.min(a, b), Infinity),
  };
}

const worstRank = ({ severities }: GroupSummary): number => severityRank(severities[0]?.[0] ?? "");

/** Sorts groups. Groups that compare equal keep the API's order. */
export function sortGroups(groups: readonly GroupSummary[], order: GroupOrder): GroupSummary[] {
  switch (order) {
    case "severity":
      return groups.toSorted((left, right) => worstRank(left) - worstRank(right) || right.sinceMs - left.sinceMs);
    case "newest":
      return groups.toSorted((left, right) => right.sinceMs - left.sinceMs);
    case "oldest":
      return groups.toSorted((left, right) => left.sinceMs - right.sinceMs);
    case "labels":
      return [...groups];
  }
}
