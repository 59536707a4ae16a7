import type { TargetsData } from "../api/target-data.ts";
import type { LabelSet } from "../format/series-name.ts";
import { matchesSearch, searchText } from "../shell/text-search.ts";

export type DiscoveryState = "active" | "dropped";

export const discoveryStates: readonly DiscoveryState[] = ["active", "dropped"];

/** Counts targets by state. The counts include dropped targets that the server does not list. */
export function countDiscovered(data: TargetsData): Readonly<Record<DiscoveryState, number>> {
  const counted = Object.values(data.droppedTargetCounts ?? {}).reduce((sum, count) => sum + count, 0);
  return { active: data.activeTargets.length, dropped: Math.max(counted, data.droppedTargets.length) };
}

/** A discovered target: labels before relabeling, and after it (null if the target was dropped). */
export interface Discovered {
  readonly discovered: LabelSet;
  readonly labels: LabelSet | null;
}

/** The targets of a scrape pool that match the filters, and the counts of all targets of the pool. */
export interface DiscoveredPool {
  readonly name: string;
  readonly shown: readonly Discovered[];
  readonly active: number;
  readonly total: number;
  /** Number of dropped targets that the server counts but does not list (`keep_dropped_targets`). */
  readonly unlisted: number;
}

interface Filter {
  readonly states: readonly DiscoveryState[];
  readonly search: string;
}

function passes(target: Discovered, filter: Filter): boolean {
  const state: DiscoveryState = target.labels === null ? "dropped" : "active";
  if (filter.states.length > 0 && !filter.states.includes(state)) return false;
  if (filter.search === "") return true;
  return matchesSearch(searchText(target.discovered, searchText(target.labels ?? {})), filter.search);
}

/**
 * Returns scrape pools sorted by name, with active targets before dropped ones. Pools without a matching target are
 * left out.
 */
export function discoveredPools(data: TargetsData, filter: Filter): DiscoveredPool[] {
  const pools = new Map<string, Discovered[]>();
  const add = (pool: string, target: Discovered): void => {
    const members = pools.get(pool);
    if (members === undefined) pools.set(pool, [target]);
    else members.push(target);
  };
  for (const one of data.activeTargets) add(one.scrapePool, { discovered: one.discoveredLabels, labels: one.labels });
  for (const one of data.droppedTargets) add(one.scrapePool, { discovered: one.discoveredLabels, labels: null });
  return Array.from(pools, ([name, members]) => {
    const active = members.filter((target) => target.labels !== null).length;
    const dropped = data.droppedTargetCounts?.[name] ?? members.length - active;
    return {
      name,
      shown: members.filter((target) => passes(target, filter)),
      active,
      total: active + dropped,
      unlisted: Math.max(0, dropped - (members.length - active)),
    };
  })
    .filter((pool) => pool.shown.length > 0)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Change of a label by a relabeling rule. `value` is the new value, or the old value of a removed label. */
export interface LabelChange {
  readonly name: string;
  readonly value: string;
  readonly kind: "added" | "changed" | "removed" | "kept";
}

/** Compares labels before and after a relabeling rule. Returns each label's change, sorted by name. */
export function labelChanges(before: LabelSet, after: LabelSet): LabelChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Array.from(names)
    .sort()
    .map((name) => {
      const old = before[name];
      const now = after[name];
      if (now === undefined) return { name, value: old ?? "", kind: "removed" };
      if (old === undefined) return { name, value: now, kind: "added" };
      return { name, value: now, kind: old === now ? "kept" : "changed" };
    });
}
