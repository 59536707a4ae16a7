import { dirname, join } from "node:path";
import type { Rolldown } from "vite";

export type ModuleGraph = Pick<Rolldown.ChunkingContext, "getModuleInfo">;

/** Modules that only name others: who imports from them needs what it names, not all that they know. */
const INDEX =
  /@mantine[\\/](core|hooks)[\\/]esm[\\/]index\.mjs$|tabler-icons-react\.mjs$|packages[\\/]dashboards[\\/]src[\\/]index\.ts$/;
const INDEX_IMPORT =
  /import\s*\{([^}]*)\}\s*from\s*["'](?:@mantine\/core|@mantine\/hooks|@tabler\/icons-react|@narthex\/dashboards)["']/g;
/** A line of an index: names, and the module that has them. */
const INDEX_LINE = /(?:import|export)\s*\{([^}]*)\}\s*from\s*["'](\.[^"']+)["']/g;

/**
 * A module, and all that it cannot do without from the start.
 * @param isLeftOut names what is not needed, nor looked into
 */
export function staticNeeds(
  entry: string,
  graph: ModuleGraph,
  isLeftOut: (id: string) => boolean = () => false,
): ReadonlySet<string> {
  const needed = new Set([entry]);
  // Grows under way by what is imported.
  for (const id of needed) {
    const info = graph.getModuleInfo(id);
    if (info === null) continue;
    const code = info.code ?? "";
    for (const next of info.importedIds)
      for (const one of INDEX.test(next) ? namedModules(code, next, graph) : [next])
        if (!isLeftOut(one)) needed.add(one);
  }
  return needed;
}

/** The modules behind the names that `code` imports from an index. */
function namedModules(code: string, index: string, graph: ModuleGraph): readonly string[] {
  const places = placesOf(index, graph);
  return [...code.matchAll(INDEX_IMPORT)].flatMap(([, list]) =>
    namesIn(list).flatMap(({ original }) => places.get(original) ?? []),
  );
}

interface Index {
  readonly code: string;
  readonly places: ReadonlyMap<string, string>;
}

const readIndexes = new Map<string, Index>();

/** Where each name of an index comes from. It is read once, and again when it has changed. */
function placesOf(index: string, graph: ModuleGraph): Index["places"] {
  const code = graph.getModuleInfo(index)?.code ?? "";
  const known = readIndexes.get(index);
  if (known?.code === code) return known.places;
  const places = new Map<string, string>();
  for (const [, list, path = ""] of code.matchAll(INDEX_LINE))
    for (const { local } of namesIn(list)) places.set(local, join(dirname(index), path));
  readIndexes.set(index, { code, places });
  return places;
}

/** Names of a list such as `one, two as three`: what each is called where it comes from, and here. */
const namesIn = (list = ""): readonly { readonly original: string; readonly local: string }[] =>
  list.split(",").flatMap((entry) => {
    const [original = "", local = original] = entry.trim().split(/\s+as\s+/);
    return original === "" ? [] : [{ original, local }];
  });
