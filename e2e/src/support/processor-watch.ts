import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_MS = 200;

interface Sample {
  /** ms since 1970. */
  readonly from: number;
  readonly until: number;
  /** What the thread that waited longest in this time did, ms. */
  readonly waited: number;
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
  /** What each thread had waited when it was last looked at, ms. */
  #threads = new Map<string, number>();
  #lookedAt = Date.now();

  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
    this.#threads = this.#read();
  }

  /** How long the programs waited for a processor between two moments, ms; what began or ended in between counts. */
  waited(from: number, until: number): number {
    if (until > this.#lookedAt) this.#look();
    return this.#samples.reduce((sum, one) => (one.until > from && one.from < until ? sum + one.waited : sum), 0);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#threads;
    const [from, until] = [this.#lookedAt, Date.now()];
    this.#threads = this.#read();
    this.#lookedAt = until;
    const waits = [...this.#threads].map(([thread, total]) => total - (before.get(thread) ?? total));
    this.#samples.push({ from, until, waited: Math.max(0, ...waits) });
  }

  #read(): Map<string, number> {
    return new Map(this.#pids().flatMap((pid) => [...threadsOf(pid)]));
  }
}

/** The threads of a program and what each has waited for a processor so far, ms. */
function* threadsOf(pid: number): Generator<[string, number]> {
  const folder = `/proc/${pid}/task`;
  try {
    for (const thread of readdirSync(folder)) {
      const [, delayNs] = readFileSync(`${folder}/${thread}/schedstat`, "latin1").split(" ");
      yield [`${pid}/${thread}`, Number(delayNs) / 1e6];
    }
  } catch {
    // The program, or the thread, has just ended.
  }
}
