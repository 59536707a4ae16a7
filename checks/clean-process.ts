import { afterAll, vi } from "vitest";

/** Restores replaced globals after each test file, because the test files of a suite may share a process. */
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
