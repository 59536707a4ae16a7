import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";

/**
 * Environment variable with which the program that starts the role passes a token to it: `<token>.<Unix ms of its
 * expiry>`.
 */
export const LOGIN_LINK_VARIABLE = "NARTHEX_LOGIN_LINK";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Name of the collection that contains used links. */
const USED = "login_links";

/**
 * A link that signs in the first user and can be used once. The link is meant for the user who has started the role on
 * their own machine.
 */
export class LoginLink {
  readonly #token: Buffer;
  readonly #until: number;
  readonly #store: ConditionalStore;
  readonly #clock: Clock;
  #isTaken = false;

  private constructor(token: string, until: number, store: ConditionalStore, clock: Clock) {
    this.#token = digest(token);
    this.#until = until;
    this.#store = store;
    store.collection(USED);
    this.#clock = clock;
  }

  /** Parses the text of the environment variable. Returns undefined if it is missing or invalid. */
  static of(text: string | undefined, store: ConditionalStore, clock: Clock): LoginLink | undefined {
    const parts = /^([\w-]{20,200})\.(\d{1,15})$/.exec(text ?? "");
    if (parts === null) return undefined;
    return new LoginLink(parts[1]!, Number(parts[2]), store, clock);
  }

  /** Returns whether the token is valid, and makes it invalid for further uses. Rejects with StoreError. */
  async take(token: string): Promise<boolean> {
    if (!timingSafeEqual(digest(token), this.#token) || this.#clock.now() > this.#until) return false;
    // A second use that arrives while the first is being stored is refused.
    if (this.#isTaken) return false;
    this.#isTaken = true;
    try {
      // The store is needed because the link may have been used before a restart, or on another instance.
      const key = this.#token.toString("hex");
      // The value is unique, so that this instance recognises its own entry if the store's answer to the write was
      // lost.
      const entry = { value: JSON.stringify({ by: randomUUID() }), expiresAt: this.#until };
      return await this.#store.exchange([{ collection: USED, key, before: null, entry }]);
    } catch (error) {
      this.#isTaken = false;
      throw error;
    }
  }
}
