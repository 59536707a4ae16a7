import { afterAll, vi } from "vitest";

/** Restores at the end of a test file what its tests replaced: the files of a suite may share a process. */
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
