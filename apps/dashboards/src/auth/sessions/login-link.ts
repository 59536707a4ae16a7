import { createHash, randomUUID } from "node:crypto";
import { type Clock, tokenExpiry } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";

/**
 * Name of the environment variable that contains the key for login links. The program that starts the dashboards server
 * sets the variable. The key signs the link's token, and the token contains its expiry, so the program can choose the
 * expiry after the start.
 */
export const LOGIN_LINK_VARIABLE = "NARTHEX_LOGIN_LINK";

/** Name of the collection that records used links. */
const USED = "login_links";

/**
 * A link that signs in the first user, and can be used once. The link is for the user who starts the dashboards server
 * on their own machine.
 */
export class LoginLink {
  readonly #key: string;
  readonly #store: ConditionalStore;
  readonly #clock: Clock;
  #isTaken = false;

  private constructor(key: string, store: ConditionalStore, clock: Clock) {
    this.#key = key;
    this.#store = store;
    store.collection(USED);
    this.#clock = clock;
  }

  /** Reads the key from the environment variable. Returns undefined if it is missing or invalid. */
  static of(text: string | undefined, store: ConditionalStore, clock: Clock): LoginLink | undefined {
    return text !== undefined && /^[\w-]{20,200}$/.test(text) ? new LoginLink(text, store, clock) : undefined;
  }

  /** Returns whether the token is valid, and marks it as used. Rejects with StoreError. */
  async take(token: string): Promise<boolean> {
    const until = tokenExpiry(this.#key, token);
    if (until === undefined || this.#clock.now() > until) return false;
    // Refuses a second use while the first one is still being written to the store.
    if (this.#isTaken) return false;
    this.#isTaken = true;
    try {
      // Records the use of the link in the store, because it may have been used before a restart, or on another
      // instance.
      const key = createHash("sha256").update(this.#key).digest("hex");
      // A unique value, by which this instance recognises its own entry if the store's response to the write was lost.
      const entry = { value: JSON.stringify({ by: randomUUID() }), expiresAt: until };
      return await this.#store.exchange([{ collection: USED, key, before: null, entry }]);
    } catch (error) {
      this.#isTaken = false;
      throw error;
    }
  }
}
