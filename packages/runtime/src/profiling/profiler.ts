import type { Session } from "node:inspector/promises";
import type { Clock } from "../clock.ts";

/** What is recorded: where time goes, what is allocated and still held at the end, or all that was allocated. */
export type ProfileKind = "profile" | "heap" | "allocs";

/** V8 has one profiler, and it is at work already. */
export class ProfilerBusyError extends Error {
  override readonly name = "ProfilerBusyError";
}

/** Samples of one profile at most: more make its end long. */
const MOST_SAMPLES = 30_000;
const LEAST_INTERVAL_US = 1000;
/** Bytes between two samples of what is allocated. */
const ALLOCATION_INTERVAL = 128 * 1024;

/** V8's profiler of this process' main thread; one profile at a time. */
export class Profiler {
  readonly #clock: Clock;
  #isRunning = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Records for so long, or until the signal; JSON of V8's `.cpuprofile` or `.heapprofile`. Rejects with
   * ProfilerBusyError.
   */
  async record(kind: ProfileKind, seconds: number, signal: AbortSignal): Promise<string> {
    if (this.#isRunning) throw new ProfilerBusyError("another profile is being recorded");
    this.#isRunning = true;
    const span = (): Promise<void> => this.#clock.sleep(seconds * 1000, signal).catch(() => undefined);
    let session: Session | undefined;
    try {
      // Few processes are ever profiled: the others do without the inspector's memory.
      const inspector = await import("node:inspector/promises");
      session = new inspector.Session();
      session.connect();
      if (kind === "profile") {
        const interval = Math.max(LEAST_INTERVAL_US, Math.ceil((seconds * 1e6) / MOST_SAMPLES));
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
