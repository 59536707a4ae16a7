import { type MemoryCharge, QueryError } from "@narthex/promql";
import { invariant } from "@narthex/runtime";

const KIB = 1024;
const MIB = 1024 * KIB;
/**
 * Unit in bytes in which a job takes and returns shared memory. The unit is large, so that small requests need no
 * atomic operation.
 */
const STEP_BYTES = 256 * KIB;
/** Largest amount of unused memory in bytes that a job keeps before it returns some to the shared memory. */
const MAX_SPARE_BYTES = 2 * STEP_BYTES;
/** Maximum number of threads that use the shared memory at the same time, including this one. */
const MAX_HOLDERS = 256;
/** Indexes in the shared array: KiB in use, number of refusals, then KiB of each thread. */
const TOTAL = 0;
const REFUSALS = 1;
const FIRST_HOLDER = 2;
/** Index of the thread that created the array. */
const OWN_HOLDER = 0;

export interface AccountLimits {
  readonly limitBytes: number;
  /**
   * Part of the limit in bytes that only rules may use. Without it, users' queries could prevent the evaluation of
   * rules.
   */
  readonly reservedBytes: number;
}

/** Data with which another thread uses the same memory account. The object can be posted to a thread. */
export interface AccountHandles extends AccountLimits {
  readonly words: SharedArrayBuffer;
  readonly holder: number;
}

/** Kind of work that uses the memory. Only rules may use the part that is reserved for rules. */
export type Purpose = "queries" | "rules";

/**
 * Limits the total memory of all queries of the process and of responses that are not sent yet. Each thread has its own
 * counter, so that the memory of a thread is released even if the thread crashes.
 */
export class MemoryAccount {
  readonly limits: AccountLimits;
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #holder: number;
  readonly #holders = new Set<number>([OWN_HOLDER]);

  private constructor(limits: AccountLimits, buffer: SharedArrayBuffer, holder: number) {
    this.limits = { limitBytes: limits.limitBytes, reservedBytes: limits.reservedBytes };
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#holder = holder;
  }

  static open(limits: AccountLimits): MemoryAccount {
    const buffer = new SharedArrayBuffer(4 * (FIRST_HOLDER + MAX_HOLDERS));
    return new MemoryAccount(limits, buffer, OWN_HOLDER);
  }

  static attach({ words, holder, ...limits }: AccountHandles): MemoryAccount {
    return new MemoryAccount(limits, words, holder);
  }

  /**
   * Returns the data for one additional thread. Call release() when the thread has ended, to return the thread's
   * memory.
   */
  share(): { readonly handles: AccountHandles; release(): void } {
    let holder = OWN_HOLDER;
    while (this.#holders.has(holder)) holder++;
    invariant(holder < MAX_HOLDERS, "the number of threads is within the limit");
    this.#holders.add(holder);
    return {
      handles: { ...this.limits, words: this.#buffer, holder },
      release: () => {
        const had = Atomics.exchange(this.#words, FIRST_HOLDER + holder, 0);
        Atomics.sub(this.#words, TOTAL, had);
        this.#holders.delete(holder);
      },
    };
  }

  get usedBytes(): number {
    return Atomics.load(this.#words, TOTAL) * KIB;
  }

  /** Number of refused requests for memory in all threads. The 32-bit number wraps around. */
  get refusals(): number {
    return Atomics.load(this.#words, REFUSALS);
  }

  charge(purpose: Purpose): Charge {
    return new Charge(this, purpose);
  }

  /** Takes memory, a multiple of 1 KiB. Returns false if too little is left. */
  take(bytes: number, purpose: Purpose): boolean {
    const { limitBytes, reservedBytes } = this.limits;
    const most = purpose === "rules" ? limitBytes : limitBytes - reservedBytes;
    const count = bytes / KIB;
    // Raises the total only if the request fits. Otherwise another thread could see the raised total and be refused
    // because of it.
    for (let before = Atomics.load(this.#words, TOTAL); ;) {
      if ((before + count) * KIB > most) {
        Atomics.add(this.#words, REFUSALS, 1);
        return false;
      }
      const found = Atomics.compareExchange(this.#words, TOTAL, before, before + count);
      if (found === before) break;
      before = found;
    }
    Atomics.add(this.#words, FIRST_HOLDER + this.#holder, count);
    return true;
  }

  /** Takes memory without checking the limit, for data that already exists. Another thread returns the same amount. */
  takeOver(bytes: number): void {
    const count = bytes / KIB;
    Atomics.add(this.#words, TOTAL, count);
    Atomics.add(this.#words, FIRST_HOLDER + this.#holder, count);
  }

  give(bytes: number): void {
    const count = bytes / KIB;
    Atomics.sub(this.#words, FIRST_HOLDER + this.#holder, count);
    Atomics.sub(this.#words, TOTAL, count);
  }
}

const inSteps = (bytes: number): number => Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;

/** The memory of one job. close() releases it. */
export class Charge implements MemoryCharge {
  readonly #account: MemoryAccount;
  readonly #purpose: Purpose;
  #used = 0;
  #taken = 0;

  constructor(account: MemoryAccount, purpose: Purpose) {
    this.#account = account;
    this.#purpose = purpose;
  }

  get bytes(): number {
    return this.#used;
  }

  /** Takes memory. If too little is left, throws a QueryError that names the command-line flag for the limit. */
  take(bytes: number): void {
    const missing = this.#used + bytes - this.#taken;
    if (missing > 0) {
      const step = inSteps(missing);
      if (!this.#account.take(step, this.#purpose)) throw this.#refusal(bytes);
      this.#taken += step;
    }
    this.#used += bytes;
  }

  /** Takes memory without checking the limit. */
  takeOver(bytes: number): void {
    this.#used += bytes;
    const missing = this.#used - this.#taken;
    if (missing <= 0) return;
    this.#account.takeOver(inSteps(missing));
    this.#taken += inSteps(missing);
  }

  give(bytes: number): void {
    this.#used -= bytes;
    if (this.#taken - this.#used <= MAX_SPARE_BYTES) return;
    const kept = inSteps(Math.max(0, this.#used));
    this.#account.give(this.#taken - kept);
    this.#taken = kept;
  }

  close(): void {
    this.#account.give(this.#taken);
    this.#used = 0;
    this.#taken = 0;
  }

  #refusal(bytes: number): QueryError {
    const { limitBytes } = this.#account.limits;
    const own = Math.ceil((this.#used + bytes) / MIB);
    const used = Math.floor(this.#account.usedBytes / MIB);
    return new QueryError(
      "too-many-samples",
      `query processing would hold ${own} MiB in memory while all queries together, and answers that were not read yet, hold ${used} of the ${Math.floor(limitBytes / MIB)} MiB they may; raise --query.max-memory, ask for fewer series or steps, or try again later`,
    );
  }
}
