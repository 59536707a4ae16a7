import { defineConfig } from "vitest/config";

/** A test that hangs ends some time. Far beyond what a busy machine needs: speed is no test's matter. */
const HANGS_MS = 600_000;

/** Time limits of all projects, because the test runner's limit of one second is too short for a busy machine. */
const LIMITS = { testTimeout: HANGS_MS, hookTimeout: HANGS_MS, expect: { poll: { timeout: HANGS_MS / 2 } } };

/**
 * Threads that run TypeScript strip its types by a WebAssembly module, whose calls of JavaScript V8 compiles anew from the
 * thousandth on. What it frees then is rarely not in V8's books once many threads have come and gone, and the process ends
 * with `Check failed: jit_page.has_value()` (nodejs/node#64500). A bundle has no such module.
 */
const V8_FLAGS = ["--wasm-wrapper-tiering-budget=2000000000"];

export default defineConfig({
  test: {
    fsModuleCache: true,
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "checks/**/*.test.ts"],
          exclude: ["apps/ui/**", "**/node_modules/**"],
          execArgv: V8_FLAGS,
          ...LIMITS,
          setupFiles: ["checks/seeded-properties.ts", "checks/patient-waits.ts", "checks/clean-process.ts"],
        },
      },
      {
        extends: "apps/ui/vite.config.ts",
        test: {
          name: "ui",
          root: "apps/ui",
          include: ["src/**/*.test.{ts,tsx}"],
          environment: "happy-dom",
          ...LIMITS,
          setupFiles: [
            "../../checks/seeded-properties.ts",
            "../../checks/patient-waits.ts",
            "../../checks/clean-process.ts",
            "src/testing/clean-page.ts",
          ],
        },
      },
      {
        test: {
          name: "e2e",
          include: ["e2e/src/**/*.test.ts"],
          execArgv: V8_FLAGS,
          ...LIMITS,
          maxWorkers: 2,
          isolate: false,
          globalSetup: ["e2e/src/support/setup.ts"],
          setupFiles: ["checks/seeded-properties.ts"],
        },
      },
    ],
  },
});
