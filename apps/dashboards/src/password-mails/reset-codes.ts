import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import type { Credentials } from "../auth/credentials/credentials.ts";
import { codeDigest, newCode } from "../mail/one-time-code.ts";
import { Documents } from "../state/documents.ts";

/** A code with which a user can set a new password. The key in the store is the digest of the code. */
interface ResetCode {
  readonly userId: number;
  /**
   * Digest of the stored hash of the password that the code replaces. The code becomes invalid if the password changes.
   */
  readonly replaces: string;
  /** Unix ms. */
  readonly expires: number;
}

/** Lifetime of a code, ms, as in Grafana. */
export const RESET_LIFETIME_MS = 2 * 3_600_000;

const COLLECTION = "password_resets";
/** Maximum number of valid codes of all users together. */
const MAX_CODES = 10_000;

/** The codes with which users replace lost passwords. Each user has at most one code. */
export class ResetCodes {
  readonly #documents: Documents<ResetCode>;
  readonly #credentials: Credentials;
  readonly #clock: Clock;

  private constructor(documents: Documents<ResetCode>, credentials: Credentials, clock: Clock) {
    this.#documents = documents;
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** Reads the codes. Rejects with StoreError. */
  static async open(store: ConditionalStore, credentials: Credentials, clock: Clock): Promise<ResetCodes> {
    const options = { oneAtATime: true, clock, dropExpiredAt: clock.now() };
    return new ResetCodes(await Documents.open<ResetCode>(store, COLLECTION, options), credentials, clock);
  }

  /**
   * Creates a reset code for a user, which replaces an earlier one. Resolves with undefined if the user has no
   * password, or if there are too many codes. Rejects with StoreError.
   */
  async add(userId: number): Promise<string | undefined> {
    const replaces = this.#markOf(userId);
    if (replaces === undefined) return undefined;
    const code = newCode();
    const expires = this.#clock.now() + RESET_LIFETIME_MS;
    return this.#documents.change(() => {
      const removed = this.#keys((one) => one.userId === userId || one.expires <= this.#clock.now());
      if (this.#documents.size - removed.length >= MAX_CODES) return { removed, result: undefined };
      const made: ResetCode = { userId, replaces, expires };
      return { put: new Map([[codeDigest(code), made]]), removed, expiresAt: expires, result: code };
    });
  }

  /** Returns the id of the user to whom a valid reset code belongs; undefined for other texts. */
  userOf(code: string): number | undefined {
    const found = this.#documents.get(codeDigest(code));
    if (found === undefined || found.expires <= this.#clock.now()) return undefined;
    return this.#markOf(found.userId) === found.replaces ? found.userId : undefined;
  }

  /**
   * Removes a reset code, so that it cannot be used again, and returns its user's id. Resolves with undefined if the
   * code is not valid, or if another request or instance was faster. Rejects with StoreError.
   */
  take(code: string): Promise<number | undefined> {
    return this.#documents.change(() => ({ removed: [codeDigest(code)], result: this.userOf(code) }));
  }

  #keys(isMeant: (code: ResetCode) => boolean): readonly string[] {
    return [...this.#documents.entries()].filter(([, code]) => isMeant(code)).map(([key]) => key);
  }

  /** Returns a digest of the stored hash of a user's password. */
  #markOf(userId: number): string | undefined {
    const hash = this.#credentials.passwordOf(userId);
    return hash === undefined ? undefined : codeDigest(JSON.stringify(hash));
  }
}
