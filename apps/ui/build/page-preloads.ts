import type { Plugin } from "vite";

/** Read by whoever serves the pages. */
const LIST = "preloads.json";

/** Paths of modules. */
export interface PageModules {
  /** Without them the page cannot be drawn. */
  readonly first: readonly string[];
  /** What comes once it is drawn, and is fetched when the page's code begins to run. */
  readonly later: readonly string[];
}

/**
 * Lays a list beside the pages: for each kind of page the files that its modules are in, and those that these need from
 * the start, but for what every page begins with.
 *
 * @param pages by the kind of page
 */
export function pagePreloads(pages: Readonly<Record<string, PageModules>>): Plugin {
  return {
    name: "page-preloads",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = new Map(
        Object.values(bundle).flatMap((one) => (one.type === "chunk" ? [[one.fileName, one]] : [])),
      );
      /** The files of chunks with all that they import. */
      const filesOf = (names: Iterable<string>): ReadonlySet<string> => {
        const files = new Set(names);
        // Grows under way by what is imported.
        for (const name of files) {
          const chunk = chunks.get(name);
          for (const file of [...(chunk?.imports ?? []), ...(chunk?.viteMetadata?.importedCss ?? [])]) files.add(file);
        }
        return files;
      };
      const begun = filesOf([...chunks.values()].filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
      const filesWith = (modules: readonly string[]): ReadonlySet<string> =>
        filesOf(
          modules.map((module) => {
            const chunk = [...chunks.values()].find(({ moduleIds }) => moduleIds.includes(module));
            if (chunk === undefined) throw new Error(`No file of the build has ${module}.`);
            return chunk.fileName;
          }),
        );
      const lists = Object.entries(pages).map(([page, { first, later }]) => {
        const early = filesWith(first);
        const isNew = (file: string): boolean => !begun.has(file);
        const late = [...filesWith(later)].filter((file) => isNew(file) && !early.has(file));
        return [page, { first: [...early].filter(isNew), later: late }];
      });
      this.emitFile({ type: "asset", fileName: LIST, source: JSON.stringify(Object.fromEntries(lists)) });
    },
  };
}
