const MIB = 1024 * 1024;

/** Calls that run at the same time in the thread of a plugin. */
const RUNNING = 4;
/** Time in ms that a call may compute, without the time that it waits for answers. */
const COMPUTING_MS = 5000;

/** Bounds of the calls to a plugin of a source. */
export const LIMITS = {
  /** Memory of the engine of one call, bytes. */
  memoryBytes: 64 * MIB,
  stackBytes: 256 * 1024,
  computingMs: COMPUTING_MS,
  running: RUNNING,
  /** Calls that wait for their turn. */
  waiting: 200,
  /** Requests of one call: all, at the same time, and characters of a request and of an answer. */
  requests: 100,
  requestsAtOnce: 8,
  requestCharacters: MIB,
  responseCharacters: 8 * MIB,
  /** Characters of the JSON that a call returns. */
  answerCharacters: 16 * MIB,
  /** Characters of the JSON of any call but a query. */
  valueCharacters: MIB,
  /** Depth of nested objects and lists in what a call returns. */
  depth: 50,
  frames: 1000,
  fields: 1000,
  cells: 1_000_000,
  /** Lines that a call may log, and characters of a line. */
  logLines: 20,
  logCharacters: 1000,
  /** Heap in MB of the thread, which reads the results. The memory of engines is not part of it. */
  heapMb: 256,
  /**
   * Time in ms after which the thread ends if it has not confirmed the end of a call. Longer than all calls together may
   * compute, because the thread reads no messages during that time.
   */
  graceMs: RUNNING * COMPUTING_MS + 2000,
  /** Time in ms without a call after which the thread ends. */
  idleMs: 60_000,
} as const;
