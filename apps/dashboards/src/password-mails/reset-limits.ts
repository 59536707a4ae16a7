/** Time window of the limits, ms. */
const WINDOW_MS = 3_600_000;
/** Maximum number of requests from one network, and of mails to one user, within a window. */
const [MAX_OF_NETWORK, MAX_OF_USER] = [10, 3];
/** Maximum number of networks and users that are counted separately. */
const MAX_COUNTED = 10_000;

/** Limits how many mails one network can request, and how many mails one user can get. */
export class ResetLimits {
  readonly #counts = new Map<string, { readonly since: number; readonly count: number }>();

  /** Counts a request of a network. Returns false if the network has sent too many. */
  admitsNetwork(network: string, nowMs: number): boolean {
    return this.#admits(`network ${network}`, MAX_OF_NETWORK, nowMs);
  }

  /** Counts a mail to a user. Returns false if the user has got too many. */
  admitsUser(userId: number, nowMs: number): boolean {
    return this.#admits(`user ${userId}`, MAX_OF_USER, nowMs);
  }

  #admits(key: string, most: number, nowMs: number): boolean {
    const known = this.#counts.get(key);
    const isCurrent = known !== undefined && known.since <= nowMs && nowMs < known.since + WINDOW_MS;
    const { since, count } = isCurrent ? known : { since: nowMs, count: 0 };
    if (count >= most) return false;
    // Moves the counter to the end of the map, because the counters at its start, which are unchanged for the longest
    // time, are removed first.
    this.#counts.delete(key);
    if (this.#counts.size >= MAX_COUNTED) this.#counts.delete(this.#counts.keys().next().value!);
    this.#counts.set(key, { since, count: count + 1 });
    return true;
  }
}
