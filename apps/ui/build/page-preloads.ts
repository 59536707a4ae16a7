import type { Plugin } from "vite";

/** Read by whoever serves the pages. */
const LIST = "preloads.json";

/**
 * Lays a list beside the pages: for each kind of page the files that its modules are in, and those that these need from
 * the start, but for what every page begins with.
 *
 * @param pages paths of modules by the kind of page
 */
export function pagePreloads(pages: Readonly<Record<string, readonly string[]>>): Plugin {
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
      const lists = Object.entries(pages).map(([page, modules]) => {
        const within = modules.map((module) => {
          const chunk = [...chunks.values()].find(({ moduleIds }) => moduleIds.includes(module));
          if (chunk === undefined) throw new Error(`No file of the build has ${module}.`);
          return chunk.fileName;
        });
        return [page, [...filesOf(within)].filter((file) => !begun.has(file))];
      });
      this.emitFile({ type: "asset", fileName: LIST, source: JSON.stringify(Object.fromEntries(lists)) });
    },
  };
}
