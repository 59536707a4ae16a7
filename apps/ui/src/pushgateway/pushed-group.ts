import type { PushedFamily, PushedGroup } from "../api/pushgateway.ts";
import { parseApiTime } from "../format/instant.ts";
import { sortedLabels } from "../format/series-name.ts";
import type { LabelSet } from "../format/series-name.ts";
import { matchesSearch, searchText } from "../shell/text-search.ts";

/** A group of pushed metrics. Metric families are separated from the group's other fields. */
export interface Group {
  /** Unique key made from the grouping labels. */
  readonly key: string;
  readonly labels: LabelSet;
  readonly successful: boolean;
  /** Time of the last successful push, Unix milliseconds; null if there was none. */
  readonly pushedMs: number | null;
  /** Expiry time, Unix milliseconds; null if the group does not expire. */
  readonly expiresMs: number | null;
  /** Text in which a search looks: the labels and the metric names of the group. */
  readonly text: string;
  readonly families: ReadonlyArray<readonly [string, PushedFamily]>;
}

function isFamily(value: unknown): value is PushedFamily {
  return typeof value === "object" && value !== null && "metrics" in value && "type" in value;
}

function readGroup(raw: PushedGroup): Group {
  const families = Object.entries(raw)
    .filter((entry): entry is [string, PushedFamily] => isFamily(entry[1]))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const pushTime = families.find(([name]) => name === "push_time_seconds")?.[1];
  const seconds = Number(pushTime?.metrics[0]?.value ?? 0);
  return {
    key: groupLabels(raw.labels)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(","),
    labels: raw.labels,
    successful: raw.last_push_successful,
    pushedMs: seconds > 0 ? seconds * 1000 : null,
    expiresMs: typeof raw["expires_at"] === "string" ? parseApiTime(raw["expires_at"]) : null,
    text: searchText(raw.labels, ...families.map(([name]) => name)),
    families,
  };
}

/** Returns the grouping labels, the job first. */
export function groupLabels(labels: LabelSet): Array<[string, string]> {
  const rest = sortedLabels(labels).filter(([name]) => name !== "job");
  return [["job", labels["job"] ?? ""], ...rest];
}

/** Converts groups from the API and sorts them by labels. */
export function readGroups(raw: readonly PushedGroup[]): Group[] {
  return raw.map(readGroup).sort((left, right) => (left.key < right.key ? -1 : 1));
}

/**
 * Returns the groups whose labels or metric names contain every word of a search. With `onlyFailed`, returns only
 * groups whose last push failed.
 */
export function filterGroups(groups: readonly Group[], search: string, onlyFailed: boolean): Group[] {
  return groups.filter((group) => !(onlyFailed && group.successful) && matchesSearch(group.text, search));
}

/** Returns the time of a family's last push, Unix milliseconds. */
export function familyPushedMs(family: PushedFamily): number | null {
  return parseApiTime(family.time_stamp);
}
