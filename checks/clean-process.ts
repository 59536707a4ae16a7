import { afterAll, vi } from "vitest";

/** What the tests of a file replace is put back at its end: files of a suite may share a process. */
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
