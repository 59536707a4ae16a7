import type { Plugin } from "vite";

/**
 * A file that begins with this comment line is compiled completely by V8 when it loads. Without the line, V8 compiles
 * each function at its first call.
 */
const HINT = "//# allFunctionsCalledOnLoad\n";

/**
 * Adds the compile hint to the files that every page loads first and to the named chunks. Browsers then compile these
 * files on another thread while they download.
 */
export function eagerCode(chunks: readonly string[]): Plugin {
  return {
    name: "eager-code",
    apply: "build",
    generateBundle: {
      // Runs after other plugins, which insert code at the start of files, because the hint must be the first line.
      order: "post",
      handler(_options, bundle) {
        const left = new Set(chunks);
        for (const chunk of Object.values(bundle)) {
          if (chunk.type !== "chunk" || (!chunk.isEntry && !left.delete(chunk.name))) continue;
          chunk.code = HINT + chunk.code;
        }
        if (left.size > 0) this.error(`no file of the build has the name ${[...left].join(" or ")}`);
      },
    },
  };
}
