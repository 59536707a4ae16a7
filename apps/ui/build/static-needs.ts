import { dirname, join } from "node:path";
import type { Rolldown } from "vite";

export type ModuleGraph = Pick<Rolldown.ChunkingContext, "getModuleInfo">;

/** Matches a whole index module: a module that only re-exports names from other modules. */
const INDEX =
  /@mantine[\\/](core|hooks)[\\/]esm[\\/]index\.mjs$|tabler-icons-react\.mjs$|packages[\\/]dashboards[\\/]src[\\/]index\.ts$/;
const INDEX_IMPORT =
  /import\s*\{([^}]*)\}\s*from\s*["'](?:@mantine\/core|@mantine\/hooks|@tabler\/icons-react|@narthex\/dashboards)["']/g;
/** Matches a line of an index module: names, and the module that exports them. */
const INDEX_LINE = /(?:import|export)\s*\{([^}]*)\}\s*from\s*["'](\.[^"']+)["']/g;

/**
 * Returns a module and all modules that it imports statically, directly or indirectly.
 * @param isLeftOut returns true for modules that are left out with their imports
 */
export function staticNeeds(
  entry: string,
  graph: ModuleGraph,
  isLeftOut: (id: string) => boolean = () => false,
): ReadonlySet<string> {
  const needed = new Set([entry]);
  // The loop also visits modules that are added during the iteration.
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

/** Returns the modules that define the names which `code` imports from an index module. */
function namedModules(code: string, index: string, graph: ModuleGraph): readonly string[] {
  const modules = modulesOf(index, graph);
  return [...code.matchAll(INDEX_IMPORT)].flatMap(([, list]) =>
    namesIn(list).flatMap(({ original }) => modules.get(original) ?? []),
  );
}

interface Index {
  readonly code: string;
  readonly modules: ReadonlyMap<string, string>;
}

const readIndexes = new Map<string, Index>();

/**
 * Returns the module that exports each name of an index module. The result is cached until the index module changes.
 */
function modulesOf(index: string, graph: ModuleGraph): Index["modules"] {
  const code = graph.getModuleInfo(index)?.code ?? "";
  const known = readIndexes.get(index);
  if (known?.code === code) return known.modules;
  const modules = new Map<string, string>();
  for (const [, list, path = ""] of code.matchAll(INDEX_LINE))
    for (const { local } of namesIn(list)) modules.set(local, join(dirname(index), path));
  readIndexes.set(index, { code, modules });
  return modules;
}

/** Parses a list of names such as `one, two as three` into the original and the local name of each. */
const namesIn = (list = ""): readonly { readonly original: string; readonly local: string }[] =>
  list.split(",").flatMap((entry) => {
    const [original = "", local = original] = entry.trim().split(/\s+as\s+/);
    return original === "" ? [] : [{ original, local }];
  });
