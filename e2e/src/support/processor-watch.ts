import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_MS = 200;

interface Sample {
  /** Start of the period, ms since 1970. */
  readonly from: number;
  readonly until: number;
  /** Longest wait in ms of a thread in this period. */
  readonly waited: number;
}

/** CPU accounting of a thread by the kernel, times in ms. */
interface Thread {
  readonly ran: number;
  readonly waited: number;
  /** Whether the thread is running or ready to run. */
  readonly isRunnable: boolean;
  /** Part of the current wait that was already recorded, ms. The kernel counts a wait only when it ends. */
  readonly recorded: number;
}

/**
 * Records how long programs were ready to run but got no CPU, as the kernel reports it on Linux; records nothing on
 * other systems. Tests with time limits subtract this time.
 */
export class ProcessorWatch implements Disposable {
  readonly #pids: () => readonly number[];
  readonly #samples: Sample[] = [];
  readonly #timer = setInterval(() => this.#measure(), SAMPLE_MS);
  #threads: ReadonlyMap<string, Thread> = new Map();
  #measuredAt = Date.now();

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
    this.#threads = new Map(pids().flatMap((pid) => [...threadsOf(pid)]));
  }

  /**
   * Returns the time in ms that the programs waited for a CPU between two moments. Waits that overlap the period count
   * fully.
   */
  waited(from: number, until: number): number {
    if (until > this.#measuredAt) this.#measure();
    return this.#samples.reduce((sum, one) => (one.until > from && one.from < until ? sum + one.waited : sum), 0);
  }

  /** Returns the start of the first wait of at least `ms` since a moment; Infinity if there was none. */
  firstWait(ms: number, since: number): number {
    this.#measure();
    return this.#samples.find(({ until, waited }) => until > since && waited >= ms)?.from ?? Infinity;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #measure(): void {
    const before = this.#threads;
    const [from, until] = [this.#measuredAt, Date.now()];
    const threads = new Map<string, Thread>();
    let longest = 0;
    for (const [id, now] of this.#pids().flatMap((pid) => [...threadsOf(pid)])) {
      const last = before.get(id) ?? now;
      const isStuck = before.has(id) && now.isRunnable && now.ran === last.ran && now.waited === last.waited;
      const counted = Math.max(0, now.waited - last.waited - last.recorded);
      longest = Math.max(longest, isStuck ? until - from : counted);
      threads.set(id, { ...now, recorded: isStuck ? last.recorded + until - from : 0 });
    }
    this.#threads = threads;
    this.#measuredAt = until;
    this.#samples.push({ from, until, waited: longest });
  }
}

function* threadsOf(pid: number): Generator<[string, Thread]> {
  const folder = `/proc/${pid}/task`;
  try {
    for (const thread of readdirSync(folder)) {
      const [ranNs, waitedNs] = readFileSync(`${folder}/${thread}/schedstat`, "latin1").split(" ");
      const isRunnable = /\) R /.test(readFileSync(`${folder}/${thread}/stat`, "latin1"));
      yield [`${pid}/${thread}`, { ran: Number(ranNs) / 1e6, waited: Number(waitedNs) / 1e6, isRunnable, recorded: 0 }];
    }
  } catch {
    // Ignores the error: the files of a thread in /proc disappear when the thread or its process ends.
  }
}
