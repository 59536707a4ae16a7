import { type ModuleGraph, staticNeeds } from "./static-needs.ts";

/**
 * Tells how many pages need a module: those that are loaded when they are opened, and what every page begins with.
 * What `isLeftOut` names counts for nothing, and is not looked into.
 * @param entry the path of the module that every page begins with
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
  // Grows under way by what is imported when it is needed.
  for (const root of roots) {
    for (const id of staticNeeds(root, graph, isLeftOut)) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      for (const next of graph.getModuleInfo(id)?.dynamicallyImportedIds ?? []) if (!isLeftOut(next)) roots.add(next);
    }
  }
  return counts;
}
