/** Failed logins are counted for so long, ms. */
const WINDOW_MS = 5 * 60_000;
/** Names and addresses that are counted; beyond them the oldest is forgotten. */
const MAX_COUNTED = 10_000;

interface Tries {
  count: number;
  readonly since: number;
}

/** Failed logins of a name from an address: after some of them every try fails until the window has passed. */
export class LoginLimits {
  readonly #most: number;
  readonly #tries = new Map<string, Tries>();

  /** @param most failed logins in 5 minutes; Infinity for no limit */
  constructor(most: number) {
    this.#most = most;
  }

  /** ms until a name may try again from an address; 0: now. */
  waitMs(name: string, address: string, nowMs: number): number {
    const tries = this.#tries.get(keyOf(name, address));
    if (tries === undefined || tries.count < this.#most) return 0;
    return Math.max(0, tries.since + WINDOW_MS - nowMs);
  }

  failed(name: string, address: string, nowMs: number): void {
    const key = keyOf(name, address);
    const tries = this.#tries.get(key);
    if (tries !== undefined && tries.since + WINDOW_MS > nowMs) {
      tries.count++;
      return;
    }
    this.#tries.delete(key);
    const [oldest] = this.#tries.keys();
    if (this.#tries.size >= MAX_COUNTED && oldest !== undefined) this.#tries.delete(oldest);
    this.#tries.set(key, { count: 1, since: nowMs });
  }

  succeeded(name: string, address: string): void {
    this.#tries.delete(keyOf(name, address));
  }
}

const keyOf = (name: string, address: string): string => `${name.slice(0, 256).toLowerCase()}\n${address}`;
