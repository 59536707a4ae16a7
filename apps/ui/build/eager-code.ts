import type { Plugin } from "vite";

/**
 * With this first line V8 compiles all functions of a file at once. Without it, V8 compiles each when it is first
 * called.
 */
const HINT = "//# allFunctionsCalledOnLoad\n";

/**
 * Adds the hint to the files that every page loads first, and to the named chunks. Browsers compile such a file on
 * another thread while it downloads. Without the hint, the first call of each function would wait for its compilation.
 */
export function eagerCode(chunks: readonly string[]): Plugin {
  return {
    name: "eager-code",
    apply: "build",
    generateBundle: {
      // The hint must be the first line: other plugins insert code at the start.
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
