import { vi } from "vitest";

/**
 * Default time limit in ms for waits in tests: the test runner's default of one second is too short for a busy machine.
 */
const PATIENCE_MS = 300_000;

type Options = number | { readonly timeout?: number; readonly interval?: number } | undefined;

const patient = (options: Options): { timeout: number; interval?: number } =>
  typeof options === "number" ? { timeout: options } : { timeout: PATIENCE_MS, ...options };

const { waitFor, waitUntil } = vi;
vi.waitFor = (callback, options) => waitFor(callback, patient(options));
vi.waitUntil = (callback, options) => waitUntil(callback, patient(options));
