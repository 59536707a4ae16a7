import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_MS = 200;

interface Sample {
  /** ms since 1970. */
  readonly from: number;
  readonly until: number;
  /** What the thread that waited longest in this time did, ms. */
  readonly waited: number;
}

/** A thread as the kernel counts it, ms. */
interface Thread {
  readonly ran: number;
  readonly waited: number;
  /** Is it running, or wants to? */
  readonly isRunnable: boolean;
  /** How much of a wait that goes on was recorded already: the kernel counts it when it is over. */
  readonly recorded: number;
}

/**
 * Records how long programs had work to do and got no processor for it, as the kernel counts it: what a busy machine, and
 * not the program, is to blame for. Tests that judge by the clock deduct it. Nothing is recorded where the system does not
 * tell (elsewhere than on Linux).
 */
export class ProcessorWatch implements Disposable {
  readonly #pids: () => readonly number[];
  readonly #samples: Sample[] = [];
  readonly #timer = setInterval(() => this.#look(), SAMPLE_MS);
  #threads: ReadonlyMap<string, Thread> = new Map();
  #lookedAt = Date.now();

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
    this.#threads = new Map(pids().flatMap((pid) => [...threadsOf(pid)]));
  }

  /** How long the programs waited for a processor between two moments, ms; what began or ended in between counts. */
  waited(from: number, until: number): number {
    if (until > this.#lookedAt) this.#look();
    return this.#samples.reduce((sum, one) => (one.until > from && one.from < until ? sum + one.waited : sum), 0);
  }

  /** Returns when a program first waited for at least `ms` since a moment; Infinity if it never did. */
  firstWait(ms: number, since: number): number {
    this.#look();
    return this.#samples.find(({ until, waited }) => until > since && waited >= ms)?.from ?? Infinity;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#threads;
    const [from, until] = [this.#lookedAt, Date.now()];
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
    this.#lookedAt = until;
    this.#samples.push({ from, until, waited: longest });
  }
}

/** The threads of a program. */
function* threadsOf(pid: number): Generator<[string, Thread]> {
  const folder = `/proc/${pid}/task`;
  try {
    for (const thread of readdirSync(folder)) {
      const [ranNs, waitedNs] = readFileSync(`${folder}/${thread}/schedstat`, "latin1").split(" ");
      const isRunnable = /\) R /.test(readFileSync(`${folder}/${thread}/stat`, "latin1"));
      yield [`${pid}/${thread}`, { ran: Number(ranNs) / 1e6, waited: Number(waitedNs) / 1e6, isRunnable, recorded: 0 }];
    }
  } catch {
    // The program, or the thread, has just ended.
  }
}
