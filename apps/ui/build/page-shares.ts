import type { Rolldown } from "vite";

type Context = Pick<Rolldown.ChunkingContext, "getModuleInfo">;

/**
 * Tells how many pages need a module: those that are loaded when they are opened, and what every page begins with.
 * What `isLeftOut` names counts for nothing, and is not looked into.
 * @param entry the path of the module that every page begins with
 */
export function pageShares(
  entry: string,
  isLeftOut: (id: string) => boolean,
): (id: string, context: Context) => number {
  let counts: ReadonlyMap<string, number> | undefined;
  return (id, context) => (counts ??= countShares(entry, isLeftOut, context)).get(id) ?? 0;
}

function countShares(entry: string, isLeftOut: (id: string) => boolean, context: Context): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const roots = new Set([entry]);
  // Grows under way by what is imported when it is needed.
  for (const root of roots) {
    const needed = new Set([root]);
    for (const id of needed) {
      const info = context.getModuleInfo(id);
      if (info === null) continue;
      for (const next of info.importedIds) if (!isLeftOut(next)) needed.add(next);
      for (const next of info.dynamicallyImportedIds) if (!isLeftOut(next)) roots.add(next);
    }
    for (const id of needed) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
