import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

/** Ends the build when it uses a component of Mantine whose style sheet the list at `path` does not name. */
export function listedStyles(path: string): Plugin {
  return {
    name: "listed-styles",
    apply: "build",
    async generateBundle(_options, bundle) {
      const list = await readFile(path, "utf8");
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const id of chunk.moduleIds) {
          const component = /@mantine\/core\/.*\/([A-Za-z]+)\.module\.mjs$/.exec(id)?.[1];
          if (component !== undefined && !list.includes(`/styles/${component}.css"`))
            this.error(`${path} does not import "@mantine/core/styles/${component}.css", which the bundle uses`);
        }
      }
    },
  };
}
