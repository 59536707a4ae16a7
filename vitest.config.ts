import { defineConfig } from "vitest/config";
import { treeSeed } from "./house/tree-seed.ts";

const env = { NARTHEX_TREE_SEED: String(treeSeed()) };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "house/**/*.test.ts"],
          exclude: ["apps/ui/**", "**/node_modules/**"],
          testTimeout: 30_000,
          env,
          setupFiles: ["house/seeded-properties.ts"],
        },
      },
      {
        extends: "apps/ui/vite.config.ts",
        test: { name: "ui", root: "apps/ui", include: ["src/**/*.test.{ts,tsx}"], environment: "happy-dom" },
      },
      {
        test: {
          name: "e2e",
          include: ["e2e/src/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          globalSetup: ["e2e/src/setup.ts"],
          env,
        },
      },
    ],
  },
});
