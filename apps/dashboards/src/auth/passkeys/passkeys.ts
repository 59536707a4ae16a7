import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import { codeDigest } from "../../mail/one-time-code.ts";
import { DocumentIndex } from "../../state/document-index.ts";
import { Documents } from "../../state/documents.ts";
import { refusal } from "../../web/refusal.ts";
import { isCurrentAt } from "./challenges.ts";

/**
 * A passkey: the public key that verifies signatures of a user's device. Its key in the store is the id of the
 * credential.
 */
export interface Passkey {
  /** Id of the credential that the device has created, in base64url. */
  readonly credentialId: string;
  readonly userId: number;
  readonly name: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  /** Value of the device's sign-in counter after the last sign-in; 0 if the device has no counter. */
  readonly counter: number;
  /** Ways in which the browser can reach the device, such as `internal` or `usb`. */
  readonly transports: readonly string[];
  /** Unix ms. */
  readonly createdAt: number;
  /** Time of the last sign-in, Unix ms; 0 before the first one. */
  readonly lastUsedAt: number;
  /** The challenges of the last sign-ins, at most MAX_USED. */
  readonly used: readonly UsedChallenge[];
}

/** A challenge that must not be used again. */
interface UsedChallenge {
  readonly digest: string;
  /** Unix ms from which the challenge is refused in any case, because it is too old. */
  readonly until: number;
}

export interface Challenge {
  readonly text: string;
  /** Unix ms. */
  readonly until: number;
}

/** Outcome of a sign-in whose signature is valid. */
type Use = "accepted" | "unknown" | "used-challenge" | "counter-went-back" | "too-often";

const COLLECTION = "passkeys";
/** Maximum number of passkeys of a user. */
const MAX_OF_USER = 20;
/** Maximum number of sign-ins with one passkey during the lifetime of a challenge. */
const MAX_USED = 50;
/** Maximum length of a credential id in base64url characters, which is 1023 bytes. */
export const MAX_CREDENTIAL_ID = 1364;

/** The passkeys of all users. */
export class Passkeys {
  readonly #documents: Documents<Passkey>;
  readonly #clock: Clock;
  readonly #ofUser: DocumentIndex<Passkey, number>;

  private constructor(documents: Documents<Passkey>, clock: Clock) {
    this.#documents = documents;
    this.#ofUser = new DocumentIndex(documents, ({ userId }) => [userId]);
    this.#clock = clock;
  }

  /** Reads the passkeys. Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock): Promise<Passkeys> {
    return new Passkeys(await Documents.open<Passkey>(store, COLLECTION, { oneAtATime: true, clock }), clock);
  }

  get(credentialId: string): Passkey | undefined {
    return this.#documents.get(credentialId);
  }

  /** Returns the passkeys of a user, the oldest first. */
  ofUser(userId: number): readonly Passkey[] {
    return this.#ofUser.of(userId).toSorted((a, b) => a.createdAt - b.createdAt);
  }

  /** Throws Refusal if a user already has the maximum number of passkeys. */
  checkRoom(userId: number): void {
    if (this.ofUser(userId).length >= MAX_OF_USER)
      throw refusal(400, `You have ${MAX_OF_USER} passkeys, and more are not possible: delete one first`);
  }

  /** Adds a passkey. Rejects with Refusal if the device is registered already or the user has too many, or with StoreError. */
  add(
    made: Pick<Passkey, "credentialId" | "userId" | "name" | "publicKey" | "counter" | "transports">,
  ): Promise<Passkey> {
    return this.#documents.change(() => {
      if (this.#documents.get(made.credentialId) !== undefined)
        throw refusal(409, "This passkey is registered already");
      this.checkRoom(made.userId);
      const passkey: Passkey = { ...made, createdAt: this.#clock.now(), lastUsedAt: 0, used: [] };
      return { put: new Map([[made.credentialId, passkey]]), result: passkey };
    });
  }

  /**
   * Records a sign-in. Each challenge is accepted only once, even if several instances receive it at the same time.
   * Rejects with StoreError.
   */
  use(credentialId: string, counter: number, challenge: Challenge): Promise<Use> {
    const digest = codeDigest(challenge.text);
    return this.#documents.change<Use>(() => {
      const before = this.#documents.get(credentialId);
      const now = this.#clock.now();
      if (before === undefined) return { result: "unknown" };
      if (before.used.some((one) => one.digest === digest)) return { result: "used-challenge" };
      const isCounting = counter > 0 || before.counter > 0;
      if (isCounting && counter <= before.counter) return { result: "counter-went-back" };
      const current = before.used.filter((one) => isCurrentAt(one.until, now));
      if (current.length >= MAX_USED) return { result: "too-often" };
      // Expired challenges are kept while there is room, because they would be valid again if the clock is set back.
      const others = before.used.filter((one) => !isCurrentAt(one.until, now));
      const used = [...others, ...current, { digest, until: challenge.until }].slice(-MAX_USED);
      const after = { ...before, counter, lastUsedAt: now, used };
      return { put: new Map([[credentialId, after]]), result: "accepted" };
    });
  }

  /** Removes a passkey of a user. Resolves with false if the user has no such passkey. Rejects with StoreError. */
  remove(userId: number, credentialId: string): Promise<boolean> {
    return this.#documents.change(() => {
      const isOwn = this.#documents.get(credentialId)?.userId === userId;
      return { removed: isOwn ? [credentialId] : [], result: isOwn };
    });
  }

  /** Removes all passkeys of a user. Rejects with StoreError. */
  async removeOf(userId: number): Promise<void> {
    await this.#documents.change(() => ({
      removed: this.ofUser(userId).map(({ credentialId }) => credentialId),
      result: undefined,
    }));
  }
}
