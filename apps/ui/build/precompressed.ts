import { join } from "node:path";
import type { Plugin } from "vite";
import { precompress } from "./precompress.ts";

export function precompressed(): Plugin {
  return {
    name: "precompressed",
    apply: "build",
    async writeBundle({ dir = "dist" }) {
      await precompress(join(dir, "assets"));
    },
  };
}
