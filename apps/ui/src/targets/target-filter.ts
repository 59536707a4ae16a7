import type { ActiveTarget, Health } from "../api/target-data.ts";
import { UniqueKeys } from "../format/unique-keys.ts";
import { matchesSearch, searchText } from "../shell/text-search.ts";

/** A target with a key that does not depend on its health or its position in the list. */
export type KeyedTarget = ActiveTarget & { readonly key: string };

/** A scrape pool with the targets that match the filters, and the counts of all its targets. */
export interface TargetPool {
  readonly name: string;
  readonly shown: readonly KeyedTarget[];
  readonly counts: Readonly<Record<Health, number>>;
  readonly total: number;
}

export const healthStates: readonly Health[] = ["unknown", "up", "down"];

/** Sort order of health states. Failing targets come first. */
export const failingFirst: Readonly<Record<Health, number>> = { down: 0, unknown: 1, up: 2 };

/**
 * Returns scrape pools sorted by name with their targets, failing ones first. Pools without a matching target are left
 * out.
 */
export function targetPools(
  targets: readonly ActiveTarget[],
  filter: { readonly health: readonly Health[]; readonly search: string },
): TargetPool[] {
  const byPool = Map.groupBy(targets, (target) => target.scrapePool);
  return Array.from(byPool, ([name, members]) => {
    const counts = { up: 0, down: 0, unknown: 0 };
    const keys = new UniqueKeys();
    const keyed = (target: ActiveTarget): KeyedTarget => ({
      ...target,
      key: keys.next(`${target.scrapeUrl} ${JSON.stringify(target.labels)}`),
    });
    for (const target of members) counts[target.health]++;
    return {
      name,
      counts,
      total: members.length,
      shown: members
        .map(keyed)
        .filter((target) => passes(target, filter))
        .sort(byUrgency),
    };
  })
    .filter((pool) => pool.shown.length > 0)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function passes(
  target: ActiveTarget,
  filter: { readonly health: readonly Health[]; readonly search: string },
): boolean {
  if (filter.health.length > 0 && !filter.health.includes(target.health)) return false;
  return (
    filter.search === "" || matchesSearch(searchText(target.labels, target.scrapeUrl, target.lastError), filter.search)
  );
}

function byUrgency(left: ActiveTarget, right: ActiveTarget): number {
  return failingFirst[left.health] - failingFirst[right.health] || (left.scrapeUrl < right.scrapeUrl ? -1 : 1);
}

/** Splits a scrape URL into the base and the query parameters. */
export function splitScrapeUrl(url: string): { base: string; params: Array<[string, string]> } {
  const cut = url.indexOf("?");
  if (cut === -1) return { base: url, params: [] };
  return { base: url.slice(0, cut), params: Array.from(new URLSearchParams(url.slice(cut))) };
}
