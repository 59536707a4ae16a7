import type { Plugin } from "vite";

/** The web server reads this file to add preload links to the pages. */
const LIST = "preloads.json";

export interface PageModules {
  /**
   * Program that serves the pages, and their paths with the names of parameters, such as `/d/:uid`. If the dashboards
   * serve the pages of another program, only paths without parameters match.
   */
  readonly role: string;
  readonly paths: readonly string[];
  /** A parameter of the address that the pages have. Without a value, any value matches. */
  readonly parameter?: { readonly name: string; readonly value?: string };
  /** Modules without which the page cannot be drawn. */
  readonly first: readonly string[];
  /** Modules that the page fetches only after its first drawing. */
  readonly later: readonly string[];
}

/**
 * Writes a list of files to preload next to the pages. Each entry contains the files of the modules of some pages and
 * of their static imports, without files that every page loads.
 * @param pages if several entries match an address, the last one counts
 */
export function pagePreloads(pages: readonly PageModules[]): Plugin {
  return {
    name: "page-preloads",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = new Map(
        Object.values(bundle).flatMap((one) => (one.type === "chunk" ? [[one.fileName, one]] : [])),
      );
      /** Returns the files of the named chunks and of all chunks that they import. */
      const filesOf = (names: Iterable<string>): ReadonlySet<string> => {
        const files = new Set(names);
        // The loop also visits files that are added during the iteration.
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
      const lists = pages.map(({ first, later, ...page }) => {
        const early = filesWith(first);
        const isNew = (file: string): boolean => !begun.has(file);
        const late = [...filesWith(later)].filter((file) => isNew(file) && !early.has(file));
        return { ...page, first: [...early].filter(isNew), later: late };
      });
      this.emitFile({ type: "asset", fileName: LIST, source: JSON.stringify(lists) });
    },
  };
}
