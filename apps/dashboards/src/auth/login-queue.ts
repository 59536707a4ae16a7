import { namedRefusal, type Refusal } from "../web/refusal.ts";

/** Logins of one sender that wait, and of all, each for some 50 ms. */
const [MAX_OF_SENDER, MAX_WAITING] = [10, 100];

interface Waiting {
  readonly start: () => void;
  readonly refuse: (reason: Refusal) => void;
}

const busy = (): Refusal => namedRefusal(503, "password-auth.busy", "Too many logins at once");

/** Runs logins one at a time, so that each failure is counted before the next try. Senders take turns. */
export class LoginQueue {
  /** By sender; the first sender has the next turn. */
  readonly #waiting = new Map<string, Waiting[]>();
  #count = 0;
  #isRunning = false;

  /** Runs a login in its turn. Rejects with a refusal if the sender, or all senders, have too many waiting. */
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
    if (this.#count >= MAX_WAITING) this.#makeRoom(own.length);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    own.push({ start: resolve, refuse: reject });
    this.#waiting.set(sender, own);
    this.#count++;
    return promise;
  }

  /** Refuses the last login of the sender with the most, unless the new one has as many. */
  #makeRoom(own: number): void {
    const [longest] = [...this.#waiting.values()].toSorted((a, b) => b.length - a.length);
    if (longest === undefined || longest.length <= own + 1) throw busy();
    longest.pop()!.refuse(busy());
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
