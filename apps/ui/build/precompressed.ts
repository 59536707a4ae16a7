import { join } from "node:path";
import type { Plugin } from "vite";
import { precompress } from "./precompress.ts";

/** Writes a brotli and a gzip copy next to each asset of the build. */
export function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    async writeBundle({ dir = "dist" }) {
      await precompress(join(dir, "assets"));
    },
  };
}
