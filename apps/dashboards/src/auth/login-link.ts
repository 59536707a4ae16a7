import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";

/** The variable with which whoever starts the role hands it a token: `<token>.<Unix ms until it counts>`. */
export const LOGIN_LINK_VARIABLE = "NARTHEX_LOGIN_LINK";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The links that were used. */
const USED = "login_links";

/** A link that signs in the first user once, for whoever started the role on the machine that they sit at. */
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

  /** From the variable's text; undefined where there is none. */
  static of(text: string | undefined, store: ConditionalStore, clock: Clock): LoginLink | undefined {
    const parts = /^([\w-]{20,200})\.(\d{1,15})$/.exec(text ?? "");
    if (parts === null) return undefined;
    return new LoginLink(parts[1]!, Number(parts[2]), store, clock);
  }

  /** Takes the token if it counts still, and makes it count no more. Rejects with StoreError. */
  async take(token: string): Promise<boolean> {
    if (!timingSafeEqual(digest(token), this.#token) || this.#clock.now() > this.#until) return false;
    // Whoever comes while the store is asked comes too late.
    if (this.#isTaken) return false;
    this.#isTaken = true;
    try {
      // The role may have been started anew since the link was used, or another instance have been asked.
      const key = this.#token.toString("hex");
      // Its own among those of other instances: a write whose answer was lost is known again by what it wrote.
      const entry = { value: JSON.stringify({ by: randomUUID() }), expiresAt: this.#until };
      return await this.#store.exchange([{ collection: USED, key, before: null, entry }]);
    } catch (error) {
      this.#isTaken = false;
      throw error;
    }
  }
}
