import type { Plugin } from "vite";

/** By this first line V8 compiles all functions of a file, which it would else do one by one when they are called. */
const HINT = "//# allFunctionsCalledOnLoad\n";

/**
 * Has the files that every page begins with, and those of the named chunks, compiled as a whole: browsers do so beside
 * the page and while the file comes, what is left for the first call holds the page up.
 */
export function eagerCode(chunks: readonly string[]): Plugin {
  return {
    name: "eager-code",
    apply: "build",
    generateBundle: {
      // The line has to be the first: other plugins write before the code.
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
