import { clientSite } from "../../web/client-address.ts";
import { namedRefusal, type Refusal } from "../../web/refusal.ts";

/** Maximum number of waiting logins of one sender, and of all senders together. Each login takes about 50 ms. */
const [MAX_OF_SENDER, MAX_WAITING] = [10, 100];

interface Waiting {
  readonly start: () => void;
  readonly refuse: (reason: Refusal) => void;
}

type Sender = readonly [sender: string, logins: Waiting[]];

function sizeOf(senders: readonly Sender[]): number {
  return senders.reduce((sum, [, logins]) => sum + logins.length, 0);
}

/** Returns the sender with the most waiting logins. If several have the same number, returns the newest of them. */
function longestOf(senders: readonly Sender[]): Sender | undefined {
  return senders.toReversed().toSorted(([, a], [, b]) => b.length - a.length)[0];
}

const busy = (): Refusal => namedRefusal(503, "password-auth.busy", "Too many logins at once");

/** Runs logins one at a time, so that each failure is counted before the next attempt. The senders take turns. */
export class LoginQueue {
  /** Waiting logins by sender. The first sender in the map has the next turn. */
  readonly #waiting = new Map<string, Waiting[]>();
  #count = 0;
  #isRunning = false;

  /**
   * Waits until the sender's next login may run, and runs the login. Rejects with Refusal if too many logins are
   * waiting.
   */
  async run<T>(sender: string, login: () => Promise<T>): Promise<T> {
    if (this.#isRunning) await this.#turnOf(sender);
    this.#isRunning = true;
    try {
      return await login();
    } finally {
      this.#startNext();
    }
  }

  #turnOf(sender: string): Promise<void> {
    const own = this.#waiting.get(sender) ?? [];
    if (own.length >= MAX_OF_SENDER) throw busy();
    if (this.#count >= MAX_WAITING) this.#makeRoom(sender);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    own.push({ start: resolve, refuse: reject });
    this.#waiting.set(sender, own);
    this.#count++;
    return promise;
  }

  /**
   * Refuses a waiting login to make room for a new one: the last login of the sender with the most waiting logins. If
   * several senders have the same number, the newest is chosen. If the new sender's site would still have fewer logins
   * than another site, only senders of the site with the most logins are considered. Throws Refusal if no sender has
   * more logins than the new sender would have.
   */
  #makeRoom(newcomer: string): void {
    const bySite = Map.groupBy(this.#waiting, ([sender]) => clientSite(sender));
    const sites = [...bySite.values()];
    const own = bySite.get(clientSite(newcomer)) ?? [];
    const largest = sites.reduce((most, site) => (sizeOf(site) > sizeOf(most) ? site : most), own);
    const isOfOther = sizeOf(largest) > sizeOf(own) + 1;
    const longest = longestOf(isOfOther ? largest : [...this.#waiting]);
    const least = isOfOther ? 0 : (this.#waiting.get(newcomer)?.length ?? 0) + 1;
    if (longest === undefined || longest[1].length <= least) throw busy();
    const [sender, logins] = longest;
    logins.pop()!.refuse(busy());
    if (logins.length === 0) this.#waiting.delete(sender);
    this.#count--;
  }

  #startNext(): void {
    const next = this.#waiting.entries().next().value;
    if (next === undefined) {
      this.#isRunning = false;
      return;
    }
    const [sender, logins] = next;
    this.#waiting.delete(sender);
    const { start } = logins.shift()!;
    if (logins.length > 0) this.#waiting.set(sender, logins);
    this.#count--;
    start();
  }
}
