import { type Clock, systemClock } from "../clock.ts";
import type { Part } from "../lifecycle.ts";
import type { Logger } from "../logger.ts";

/** Time between two checks in ms. The length of a turn of the event loop is measured to within this time. */
const CHECK_MS = 100;
/**
 * Time between two checks in ms while no operation begins, because checks are most of the CPU time of an idle process.
 * The next operation begins the short interval again.
 */
const IDLE_CHECK_MS = 1000;
/** Minimum length in ms of a turn of the event loop that is logged as a stall. */
const STALL_MS = 1000;
/**
 * Maximum number of operations that are remembered between two checks. A loop that begins more operations is busy but
 * not stalled.
 */
const MAX_BEGUN = 128;
/** Number of minutes for which the longest turn of the event loop is reported. */
const MINUTES = 10;
const MINUTE_MS = 60_000;

/** Kinds of work that the log of a stall names. */
export type OperationKind = "route" | "target" | "group" | "collector" | "receiver" | "discovery" | "storage";

/** A unit of work that has begun. */
export interface Operation {
  readonly kind: OperationKind;
  readonly name: string;
}

/** Results of the measurement of the event loop. */
export interface LoopReport {
  /** Length of the longest turn of the event loop in the last ten minutes, s. */
  readonly longestTurnSeconds: number;
  /** Number of stalls by kind of the operation, which is "unknown" if no operation was running. */
  readonly stalls: ReadonlyMap<string, number>;
}

/**
 * Measures the turns of this thread's event loop with a timer that fires late after a long turn. The log then names the
 * operation that blocked the loop longest; code calls begin() when an operation begins, and resume() when it continues
 * after a wait.
 */
export class EventLoop {
  readonly #clock: Clock;
  readonly #begun: (Operation | undefined)[] = Array.from({ length: MAX_BEGUN }, () => undefined);
  readonly #times = new Float64Array(MAX_BEGUN);
  #count = 0;
  readonly #stalls = new Map<string, number>();
  /** Longest turn of the event loop in each of the last minutes, ms. */
  readonly #longest = new Float64Array(MINUTES);
  #minute = 0;
  /** Checks the loop now, and begins the short interval. Undefined during the short interval. */
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get report(): LoopReport {
    this.#turnMinutes(this.#clock.monotonic());
    return { longestTurnSeconds: seconds(this.#longest.reduce((a, b) => Math.max(a, b))), stalls: this.#stalls };
  }

  /**
   * Records that a unit of work, such as a scrape, begins. If it blocks the event loop, the log of the stall names it.
   */
  begin(kind: OperationKind, name: string): Operation {
    const operation = { kind, name };
    this.resume(operation);
    return operation;
  }

  /**
   * Records that a unit of work continues after a wait. If it then blocks the event loop, the log of the stall names
   * it.
   */
  resume(operation: Operation): void {
    this.#wake?.();
    const at = this.#count < MAX_BEGUN ? this.#count++ : MAX_BEGUN - 1;
    this.#begun[at] = operation;
    this.#times[at] = this.#clock.monotonic();
  }

  /** Measures the loop until the returned part is stopped. */
  watch(logger: Logger): Part {
    let cancel = (): void => {};
    let checked = this.#clock.monotonic();
    let cpu = cpuSeconds();
    const wait = (ms: number): void => {
      cancel = this.#clock.after(ms, () => check(ms));
    };
    const check = (waitedMs: number, isIdle = this.#count === 0): void => {
      const now = this.#clock.monotonic();
      const cpuNow = cpuSeconds();
      const lateMs = now - checked - waitedMs;
      if (lateMs > 0) this.#note(now, lateMs, checked, cpuNow - cpu, logger);
      this.#count = 0;
      checked = now;
      cpu = cpuNow;
      this.#wake = isIdle ? wake : undefined;
      wait(isIdle ? IDLE_CHECK_MS : CHECK_MS);
    };
    const wake = (): void => {
      cancel();
      check(IDLE_CHECK_MS, false);
    };
    wait(CHECK_MS);
    const stop = (): void => {
      cancel();
      this.#wake = undefined;
    };
    return { name: "event loop", stop };
  }

  #note(now: number, lateMs: number, since: number, usedSeconds: number, logger: Logger): void {
    this.#turnMinutes(now);
    const place = this.#minute % MINUTES;
    this.#longest[place] = Math.max(this.#longest[place]!, lateMs);
    if (lateMs < STALL_MS) return;
    const operation = this.#longestOperation(now, since, lateMs);
    const kind = operation?.kind ?? "unknown";
    this.#stalls.set(kind, (this.#stalls.get(kind) ?? 0) + 1);
    logger.warn("The event loop was blocked: no other work was done in this time", {
      seconds: seconds(lateMs),
      kind,
      operation: operation?.name ?? "unknown",
      process_cpu_seconds: Number(usedSeconds.toFixed(3)),
    });
  }

  /**
   * Returns the operation of the current turn that ran longest. An operation is assumed to run until the next one
   * begins. Undefined if no operation took more than half of the turn's delay.
   */
  #longestOperation(now: number, since: number, lateMs: number): Operation | undefined {
    let longest: Operation | undefined;
    let longestMs = lateMs / 2;
    for (let i = 0; i < this.#count; i++) {
      const end = i + 1 < this.#count ? this.#times[i + 1]! : now;
      const ms = end - Math.max(since, this.#times[i]!);
      if (ms <= longestMs) continue;
      longest = this.#begun[i];
      longestMs = ms;
    }
    return longest;
  }

  #turnMinutes(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    for (let i = Math.max(this.#minute + 1, minute - MINUTES + 1); i <= minute; i++) this.#longest[i % MINUTES] = 0;
    this.#minute = Math.max(this.#minute, minute);
  }
}

/** Returns the CPU time of all threads of the process, s. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const seconds = (ms: number): number => Number((ms / 1000).toFixed(3));

export const eventLoop: EventLoop = new EventLoop(systemClock);
