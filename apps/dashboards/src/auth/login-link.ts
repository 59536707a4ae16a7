import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";

/** The variable with which a starting program passes a token to the role: `<token>.<Unix ms of its expiry>`. */
export const LOGIN_LINK_VARIABLE = "NARTHEX_LOGIN_LINK";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The collection of used links. */
const USED = "login_links";

/** A link that signs in the first user once: for the user who started the role on their own machine. */
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

  /** Reads the variable's text; undefined if it is missing. */
  static of(text: string | undefined, store: ConditionalStore, clock: Clock): LoginLink | undefined {
    const parts = /^([\w-]{20,200})\.(\d{1,15})$/.exec(text ?? "");
    if (parts === null) return undefined;
    return new LoginLink(parts[1]!, Number(parts[2]), store, clock);
  }

  /** Returns whether the token is valid, and invalidates it. Rejects with StoreError. */
  async take(token: string): Promise<boolean> {
    if (!timingSafeEqual(digest(token), this.#token) || this.#clock.now() > this.#until) return false;
    // Another use that arrives while the store is written is refused.
    if (this.#isTaken) return false;
    this.#isTaken = true;
    try {
      // The link may have been used before a restart, or on another instance.
      const key = this.#token.toString("hex");
      // The unique value identifies this instance's write, even if its answer was lost.
      const entry = { value: JSON.stringify({ by: randomUUID() }), expiresAt: this.#until };
      return await this.#store.exchange([{ collection: USED, key, before: null, entry }]);
    } catch (error) {
      this.#isTaken = false;
      throw error;
    }
  }
}
