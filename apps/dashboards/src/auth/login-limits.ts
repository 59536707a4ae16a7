import { createHash } from "node:crypto";
import { type ConditionalStore, StoreError } from "@narthex/store";
import { Documents } from "../state/documents.ts";

/** Failed logins are counted for so long, ms. */
const WINDOW_MS = 5 * 60_000;
/** Counters that are kept. */
const MAX_COUNTED = 10_000;
/** Counters that are dropped at once if there are too many: those with the fewest failures. */
const DROPPED = 1000;
/** Failures of one network, whatever the name, and of one name, whatever the network, as multiples of the limit for both. */
const [NETWORK_FACTOR, NAME_FACTOR] = [10, 20];

const COLLECTION = "login_failures";

interface Tries {
  readonly count: number;
  /** Unix ms. */
  readonly since: number;
}

/** Who tries to log in. */
export interface LoginAttempt {
  readonly name: string;
  /** The network that the request comes from; undefined if a proxy hides it: failures of the network do not count then. */
  readonly network: string | undefined;
  /** Distinguishes the sender of requests: the network, or the proxy that hides it. */
  readonly sender: string;
}

/**
 * Counts failed logins in the store, which several instances share: of a name from a network, of a network, and of a name. After
 * too many of them every try fails until the window has passed.
 */
export class LoginLimits {
  readonly #most: number;
  readonly #documents: Documents<Tries>;
  /** Failures that the store did not take. */
  readonly #unsaved = new Map<string, Tries>();
  #sweptAt = -Infinity;

  private constructor(documents: Documents<Tries>, most: number) {
    this.#documents = documents;
    this.#most = most;
  }

  /**
   * Reads the counters. Rejects with StoreError.
   *
   * @param most failed logins of a name from a network in 5 minutes; Infinity for no limit
   */
  static async open(store: ConditionalStore, most: number, nowMs: number): Promise<LoginLimits> {
    await store.collection(COLLECTION, "process").dropExpired(nowMs);
    return new LoginLimits(await Documents.open<Tries>(store, COLLECTION, { durability: "process" }), most);
  }

  /**
   * Returns the ms until a login may be tried; 0: now.
   *
   * @param isKnown returns whether the user of the name is signed in from there: failures of others from elsewhere do not count
   */
  waitMs(attempt: LoginAttempt, nowMs: number, isKnown: () => boolean): number {
    const waits = this.#countersOf(attempt).map(({ key, most, isOfOthers }) => {
      const tries = this.#triesOf(key, nowMs);
      if (tries === undefined || tries.count < most || (isOfOthers && isKnown())) return 0;
      return tries.since + WINDOW_MS - nowMs;
    });
    return Math.max(...waits);
  }

  #countersOf({ name, network, sender }: LoginAttempt): readonly Counter[] {
    const user = createHash("sha256").update(name.toLowerCase()).digest("base64url");
    return [
      { key: `both/${user}/${sender}`, most: this.#most, isOfOthers: false },
      { key: `name/${user}`, most: this.#most * NAME_FACTOR, isOfOthers: true },
      ...(network === undefined
        ? []
        : [{ key: `network/${network}`, most: this.#most * NETWORK_FACTOR, isOfOthers: false }]),
    ];
  }

  #triesOf(key: string, nowMs: number): Tries | undefined {
    const found = [this.#documents.get(key), this.#unsaved.get(key)].filter(
      (tries) => tries !== undefined && tries.since + WINDOW_MS > nowMs,
    ) as Tries[];
    if (found.length === 0) return undefined;
    const count = found.reduce((sum, tries) => sum + tries.count, 0);
    return { count, since: Math.min(...found.map(({ since }) => since)) };
  }

  /** Counts a failure, in memory if the store refuses it. */
  async failed(attempt: LoginAttempt, nowMs: number): Promise<void> {
    if (this.#most === Infinity) return;
    const keys = this.#countersOf(attempt).map(({ key }) => key);
    const next = (before: Tries | undefined): Tries =>
      before === undefined || before.since + WINDOW_MS <= nowMs
        ? { count: 1, since: nowMs }
        : { ...before, count: before.count + 1 };
    const removed = this.#outdated(nowMs);
    try {
      await this.#documents.change(() => ({
        put: new Map(keys.map((key) => [key, next(this.#documents.get(key))])),
        removed: removed.filter((key) => !keys.includes(key)),
        expiresAt: nowMs + WINDOW_MS,
        result: undefined,
      }));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (this.#unsaved.size >= MAX_COUNTED) this.#unsaved.clear();
      for (const key of keys) this.#unsaved.set(key, next(this.#unsaved.get(key)));
    }
  }

  /** Counters to be dropped: at most once a minute those whose window has passed, and the smallest if there are too many. */
  #outdated(nowMs: number): readonly string[] {
    const isFull = this.#documents.size >= MAX_COUNTED;
    if (!isFull && nowMs < this.#sweptAt + 60_000) return [];
    this.#sweptAt = nowMs;
    for (const [key, { since }] of this.#unsaved) if (since + WINDOW_MS <= nowMs) this.#unsaved.delete(key);
    const all = [...this.#documents.entries()];
    const passed = all.filter(([, { since }]) => since + WINDOW_MS <= nowMs);
    const dropped =
      passed.length > 0 || !isFull ? passed : all.toSorted(([, a], [, b]) => a.count - b.count).slice(0, DROPPED);
    return dropped.map(([key]) => key);
  }

  /** Forgets the failures of a name from a network. Failures of others stay. Rejects with StoreError. */
  async succeeded(attempt: LoginAttempt): Promise<void> {
    const [{ key }] = this.#countersOf(attempt) as [Counter];
    this.#unsaved.delete(key);
    if (this.#documents.get(key) !== undefined) await this.#documents.remove(key);
  }
}

interface Counter {
  readonly key: string;
  readonly most: number;
  /** Do failures of others count too? */
  readonly isOfOthers: boolean;
}
