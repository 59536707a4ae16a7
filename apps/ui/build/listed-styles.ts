import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

/** Fails the build if it uses a Mantine component whose style sheet is in none of the lists at `paths`. */
export function listedStyles(paths: readonly string[]): Plugin {
  return {
    name: "listed-styles",
    apply: "build",
    async generateBundle(_options, bundle) {
      const list = (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("\n");
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const id of chunk.moduleIds) {
          const component = /@mantine\/core\/.*\/([A-Za-z]+)\.module\.mjs$/.exec(id)?.[1];
          if (component !== undefined && !list.includes(`/styles/${component}.css"`))
            this.error(
              `${paths.join(" or ")} has to import "@mantine/core/styles/${component}.css", which the bundle uses`,
            );
        }
      }
    },
  };
}
