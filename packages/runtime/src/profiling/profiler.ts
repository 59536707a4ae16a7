import type { Session } from "node:inspector/promises";
import type { Clock } from "../clock.ts";

/** Content of a profile: CPU time, memory that is still in use at the end, or all allocations. */
export type ProfileKind = "profile" | "heap" | "allocs";

/** Error: V8 has a single profiler, which is already recording another profile. */
export class ProfilerBusyError extends Error {
  override readonly name = "ProfilerBusyError";
}

/** Maximum number of samples of one profile. With more samples, ending the profile would take long. */
const MAX_SAMPLES = 30_000;
const MIN_INTERVAL_US = 1000;
/** Number of allocated bytes between two samples. */
const ALLOCATION_INTERVAL = 128 * 1024;

/** Uses V8's profiler for this process' main thread, for one profile at a time. */
export class Profiler {
  readonly #clock: Clock;
  #isRunning = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Records a profile for `seconds`, or until the signal aborts. Returns JSON in V8's format `.cpuprofile` or
   * `.heapprofile`. Rejects with ProfilerBusyError if another profile is being recorded.
   */
  async record(kind: ProfileKind, seconds: number, signal: AbortSignal): Promise<string> {
    if (this.#isRunning) throw new ProfilerBusyError("another profile is being recorded");
    this.#isRunning = true;
    const span = (): Promise<void> => this.#clock.sleep(seconds * 1000, signal).catch(() => undefined);
    let session: Session | undefined;
    try {
      // The inspector is loaded on first use, because it takes memory and few processes are ever profiled.
      const inspector = await import("node:inspector/promises");
      session = new inspector.Session();
      session.connect();
      if (kind === "profile") {
        const interval = Math.max(MIN_INTERVAL_US, Math.ceil((seconds * 1e6) / MAX_SAMPLES));
        await session.post("Profiler.enable");
        await session.post("Profiler.setSamplingInterval", { interval });
        await session.post("Profiler.start");
        await span();
        return JSON.stringify((await session.post("Profiler.stop")).profile);
      }
      const includesFreed = kind === "allocs";
      await session.post("HeapProfiler.startSampling", {
        samplingInterval: ALLOCATION_INTERVAL,
        includeObjectsCollectedByMajorGC: includesFreed,
        includeObjectsCollectedByMinorGC: includesFreed,
      });
      await span();
      return JSON.stringify((await session.post("HeapProfiler.stopSampling")).profile);
    } finally {
      session?.disconnect();
      this.#isRunning = false;
    }
  }
}
