import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureUiBundle, uiFolder } from "@narthex/http";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder for files that one test file creates and several test files read. */
    runFolder: string;
  }
}

/** Builds the UI once for all tests, so that two servers do not build it at the same time. */
export default async function setup(project: TestProject): Promise<() => void> {
  const app = new URL("../../../apps/server/src/main.ts", import.meta.url).href;
  await ensureUiBundle(uiFolder({ env: {}, cwd: process.cwd() }, app), {
    clock: systemClock,
    logger: memoryLogger(),
    signal: new AbortController().signal,
  });
  const runFolder = mkdtempSync(join(tmpdir(), "narthex-run-"));
  project.provide("runFolder", runFolder);
  return () => rmSync(runFolder, { recursive: true, force: true });
}
