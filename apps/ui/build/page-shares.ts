import { type ModuleGraph, staticNeeds } from "./static-needs.ts";

/**
 * Returns a function that counts how many entry points need a module. Entry points are the main entry and each
 * dynamically imported page. Modules in `isLeftOut` and their imports are ignored.
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
  // The loop also visits modules that are added during the iteration.
  for (const root of roots) {
    for (const id of staticNeeds(root, graph, isLeftOut)) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      for (const next of graph.getModuleInfo(id)?.dynamicallyImportedIds ?? []) if (!isLeftOut(next)) roots.add(next);
    }
  }
  return counts;
}
