import { createHash } from "node:crypto";
import { type ConditionalStore, StoreError } from "@narthex/store";
import { Documents } from "../../state/documents.ts";
import { clientNetwork, isHiddenByProxy, type Received } from "../../web/client-address.ts";
import type { Session } from "../sessions/sessions.ts";

/** Time for which a failed login is counted, ms. */
const WINDOW_MS = 5 * 60_000;
/** Maximum number of counters that are kept. */
const MAX_COUNTED = 10_000;
/** Number of counters that are removed at once if there are too many. Those with the fewest failures are removed. */
const DROPPED = 1000;
/**
 * Factors for the limits of failed logins, relative to the limit for one name from one network. NETWORK_FACTOR is for
 * one network with all names, NAME_FACTOR for one name from all networks.
 */
const [NETWORK_FACTOR, NAME_FACTOR] = [10, 20];
/** Clients behind an untrusted proxy appear as one network. The limit for this network is multiplied by this factor. */
const HIDDEN_FACTOR = 20;

const COLLECTION = "login_failures";

interface Tries {
  readonly count: number;
  /** Time of the first failure in the window, Unix ms. */
  readonly since: number;
}

export interface LoginAttempt {
  readonly name: string;
  /** The network of the client that sends the login or, if a proxy hides the client, the network of the proxy. */
  readonly sender: string;
  /** Whether the sender may be a proxy with many clients. */
  readonly isHidden: boolean;
}

/**
 * Counts failed logins in the store, which several instances may share. There is a counter for each name from one
 * network, a counter for each network, and a counter for each name. After too many failures, every attempt is refused
 * until the time window has passed.
 */
export class LoginLimits {
  readonly #most: number;
  readonly #documents: Documents<Tries>;
  /** Failures that are counted in memory, because the store refused to write them. */
  readonly #unsaved = new Map<string, Tries>();
  /** Stored failures that are ignored, because a login succeeded but the store refused to remove them. */
  readonly #cleared = new Map<string, Tries>();
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
    const options = { durability: "process", dropExpiredAt: nowMs } as const;
    return new LoginLimits(await Documents.open<Tries>(store, COLLECTION, options), most);
  }

  /**
   * Returns the time in ms until the next login attempt is allowed, or 0 if an attempt is allowed now.
   * @param isKnown returns whether the sender is signed in as the user, or has just sent the correct password: failures
   *   of others do not count then
   */
  waitMs(attempt: LoginAttempt, nowMs: number, isKnown: () => boolean): number {
    const waits = this.#countersOf(attempt).map(({ key, most, isOfOthers }) => {
      const tries = this.#triesOf(key, nowMs);
      if (tries === undefined || tries.count < most || (isOfOthers && isKnown())) return 0;
      return tries.since + WINDOW_MS - nowMs;
    });
    return waits.reduce((a, b) => Math.max(a, b), -Infinity);
  }

  #countersOf({ name, sender, isHidden }: LoginAttempt): readonly Counter[] {
    const user = createHash("sha256").update(name.toLowerCase()).digest("base64url");
    return [
      { key: `both/${user}/${sender}`, most: this.#most, isOfOthers: false },
      { key: `name/${user}`, most: this.#most * NAME_FACTOR, isOfOthers: true },
      {
        key: `network/${sender}`,
        most: this.#most * NETWORK_FACTOR * (isHidden ? HIDDEN_FACTOR : 1),
        isOfOthers: true,
      },
    ];
  }

  #triesOf(key: string, nowMs: number): Tries | undefined {
    const found = [this.#storedTries(key), this.#unsaved.get(key)].filter(
      (tries) => tries !== undefined && isWithin(tries, nowMs),
    ) as Tries[];
    if (found.length === 0) return undefined;
    const count = found.reduce((sum, tries) => sum + tries.count, 0);
    return { count, since: found.map(({ since }) => since).reduce((a, b) => Math.min(a, b), Infinity) };
  }

  /** Returns the stored failures, except those that a successful login has cleared. */
  #storedTries(key: string): Tries | undefined {
    const stored = this.#documents.get(key);
    const forgiven = this.#cleared.get(key);
    if (stored === undefined || stored.since !== forgiven?.since) return stored;
    return { ...stored, count: Math.max(0, stored.count - forgiven.count) };
  }

  /** Counts a failed login. If the store refuses the write, the failure is counted in memory. */
  async failed(attempt: LoginAttempt, nowMs: number): Promise<void> {
    if (this.#most === Infinity) return;
    const keys = this.#countersOf(attempt).map(({ key }) => key);
    const next = (before: Tries | undefined): Tries =>
      before !== undefined && isWithin(before, nowMs)
        ? { ...before, count: before.count + 1 }
        : { count: 1, since: nowMs };
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

  /**
   * Returns the keys of counters to remove: those whose time window has passed. If there are too many counters and none
   * has passed, returns those with the fewest failures. Searches at most once a minute, or if there are too many
   * counters.
   */
  #outdated(nowMs: number): readonly string[] {
    const isFull = this.#documents.size >= MAX_COUNTED;
    if (!isFull && nowMs < this.#sweptAt + 60_000) return [];
    this.#sweptAt = nowMs;
    for (const kept of [this.#unsaved, this.#cleared])
      for (const [key, tries] of kept) if (!isWithin(tries, nowMs)) kept.delete(key);
    const all = [...this.#documents.entries()];
    const passed = all.filter(([, tries]) => !isWithin(tries, nowMs));
    const dropped =
      passed.length > 0 || !isFull ? passed : all.toSorted(([, a], [, b]) => a.count - b.count).slice(0, DROPPED);
    return dropped.map(([key]) => key);
  }

  /**
   * Resets the counter for this name from this network after a successful login. The counters of the network and of the
   * name alone stay. The failures are not counted any more even if the store refuses the change with StoreError.
   */
  async succeeded(attempt: LoginAttempt): Promise<void> {
    const [{ key }] = this.#countersOf(attempt) as [Counter];
    this.#unsaved.delete(key);
    const stored = this.#documents.get(key);
    if (stored === undefined) return;
    if (this.#cleared.size >= MAX_COUNTED) this.#cleared.clear();
    this.#cleared.set(key, stored);
    await this.#documents.remove(key);
    this.#cleared.delete(key);
  }
}

/**
 * Returns the login attempt that a request makes.
 * @param name the user name in the request, or another text for which failures are counted
 * @param address the client's address
 */
export const attemptOf = (name: string, request: Received, address: string): LoginAttempt => ({
  name,
  sender: clientNetwork(address),
  isHidden: isHiddenByProxy(request, address),
});

/** Reports whether one of the sessions began in the same network as a login attempt. */
export const isKnownSender = (sessions: readonly Session[], { sender }: LoginAttempt): boolean =>
  sessions.some(({ address }) => clientNetwork(address) === sender);

/** Returns the error message for clients that must wait. */
export const tooManyFailures = (waitMs: number): string => `Too many failed logins; try again in ${inMinutes(waitMs)}`;

/** Returns a waiting time in words: `2 minutes`. */
export function inMinutes(waitMs: number): string {
  const minutes = Math.ceil(waitMs / 60_000);
  return `${minutes} minute${minutes === 1 ? "" : "s"}`;
}

/**
 * Reports whether failures are still within the time window. Failures in the future are ignored: they were recorded
 * before the clock was set back.
 */
const isWithin = ({ since }: Tries, nowMs: number): boolean => since <= nowMs && nowMs < since + WINDOW_MS;

interface Counter {
  readonly key: string;
  readonly most: number;
  readonly isOfOthers: boolean;
}
