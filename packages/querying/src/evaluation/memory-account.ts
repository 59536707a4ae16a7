import { type MemoryCharge, QueryError } from "@narthex/promql";
import { invariant } from "@narthex/runtime";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Memory is taken from the account, and given back to it, in such steps: small charges cost no atomic operation. */
const STEP_BYTES = 256 * KIB;
/** What a charge keeps beyond its need before it gives some back. */
const MOST_SPARE_BYTES = 2 * STEP_BYTES;
/** Threads that may have charges at a time, this one among them. */
const MOST_HOLDERS = 256;
/** Words of the account: KiB that are taken, how often some were refused, then the KiB of each holder. */
const TOTAL = 0;
const REFUSALS = 1;
const FIRST_HOLDER = 2;
/** The thread that opened the account. */
const OWN_HOLDER = 0;

/** How much there is. */
export interface AccountLimits {
  readonly limitBytes: number;
  /** Of these, what only rules may take: queries of users cannot keep them from being evaluated. */
  readonly reservedBytes: number;
}

/** The account as another thread opens it; can be posted. */
export interface AccountHandles extends AccountLimits {
  readonly words: SharedArrayBuffer;
  readonly holder: number;
}

/** Whom memory is for: rules may also take what is reserved. */
export type Purpose = "queries" | "rules";

/**
 * The memory that all queries of the process, and answers that were not sent yet, may take together. Each thread has a
 * word of it, so that what a thread had is given back when it dies.
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
    const buffer = new SharedArrayBuffer(4 * (FIRST_HOLDER + MOST_HOLDERS));
    return new MemoryAccount(limits, buffer, OWN_HOLDER);
  }

  static attach({ words, holder, ...limits }: AccountHandles): MemoryAccount {
    return new MemoryAccount(limits, words, holder);
  }

  /** Handles for one more thread; release() is to be called when that thread has ended, and gives back what it had. */
  share(): { readonly handles: AccountHandles; release(): void } {
    let holder = OWN_HOLDER;
    while (this.#holders.has(holder)) holder++;
    invariant(holder < MOST_HOLDERS, "there are fewer threads than the account has places");
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

  /** How often memory was refused, by any thread; wraps around. */
  get refusals(): number {
    return Atomics.load(this.#words, REFUSALS);
  }

  charge(purpose: Purpose): Charge {
    return new Charge(this, purpose);
  }

  /** Takes whole KiB; false where they are not to be had. */
  take(bytes: number, purpose: Purpose): boolean {
    const { limitBytes, reservedBytes } = this.limits;
    const most = purpose === "rules" ? limitBytes : limitBytes - reservedBytes;
    const count = bytes / KIB;
    // What is refused must not be seen by others, not for a moment: they would be refused because of it.
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

  /** The same without a limit: for what is there already, on its way from a thread that gives it back. */
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

/** What one job has of the account, until close(). */
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

  /** Throws QueryError that names the flag. */
  take(bytes: number): void {
    const missing = this.#used + bytes - this.#taken;
    if (missing > 0) {
      const step = inSteps(missing);
      if (!this.#account.take(step, this.#purpose)) throw this.#refusal(bytes);
      this.#taken += step;
    }
    this.#used += bytes;
  }

  /** Takes without being refused. */
  takeOver(bytes: number): void {
    this.#used += bytes;
    const missing = this.#used - this.#taken;
    if (missing <= 0) return;
    this.#account.takeOver(inSteps(missing));
    this.#taken += inSteps(missing);
  }

  give(bytes: number): void {
    this.#used -= bytes;
    if (this.#taken - this.#used <= MOST_SPARE_BYTES) return;
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
