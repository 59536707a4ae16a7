import { join } from "node:path";
import type { Plugin } from "vite";
import { precompress } from "./precompress.ts";

/** Lays each asset of the build beside itself in brotli and gzip. */
export function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    async writeBundle({ dir = "dist" }) {
      await precompress(join(dir, "assets"));
    },
  };
}
