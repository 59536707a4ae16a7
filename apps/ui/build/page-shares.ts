import { type ModuleGraph, staticNeeds } from "./static-needs.ts";

/**
 * Returns a function that counts the entry points which need a module. Entry points are the one that every page loads
 * first, and each page that is imported dynamically. Modules for which `isLeftOut` returns true are not counted, and
 * their imports are not followed.
 * @param entry the path of the module that every page loads first
 */
export function pageShares(
  entry: string,
  isLeftOut: (id: string) => boolean,
): (id: string, graph: ModuleGraph) => number {
  let counts: ReadonlyMap<string, number> | undefined;
  return (id, graph) => (counts ??= countShares(entry, isLeftOut, graph)).get(id) ?? 0;
}

function countShares(
  entry: string,
  isLeftOut: (id: string) => boolean,
  graph: ModuleGraph,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const roots = new Set([entry]);
  // The loop adds dynamically imported modules to the set that it iterates over.
  for (const root of roots) {
    for (const id of staticNeeds(root, graph, isLeftOut)) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      for (const next of graph.getModuleInfo(id)?.dynamicallyImportedIds ?? []) if (!isLeftOut(next)) roots.add(next);
    }
  }
  return counts;
}
