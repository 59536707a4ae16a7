import type { OrgRole } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import { codeDigest, newCode } from "../mail/one-time-code.ts";
import { Documents } from "../state/documents.ts";
import { newUid } from "../state/uids.ts";
import { refusal } from "../web/refusal.ts";

/** An invitation to become a user, stored under the digest of its secret code. */
export interface Invitation {
  readonly id: number;
  /**
   * Identifier with which admins revoke the invitation. Only the secret code, and not this identifier, allows a person
   * to accept the invitation.
   */
  readonly uid: string;
  readonly email: string;
  readonly name: string;
  readonly role: OrgRole;
  /** Id of the account that has invited the user. */
  readonly invitedBy: number;
  /** Unix ms. */
  readonly created: number;
  readonly expires: number;
  /** Time at which the mail was sent, Unix ms; 0 if no mail was sent. */
  readonly mailed: number;
}

type Draft = Pick<Invitation, "email" | "name" | "role" | "invitedBy">;

/** Maximum number of pending invitations, and maximum length of their texts in characters. */
const [MAX_PENDING, MAX_TEXT] = [1000, 254];

const COLLECTION = "invitations";

/** The pending invitations. Only digests of their codes are stored. */
export class Invitations {
  readonly #documents: Documents<Invitation>;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;

  private constructor(documents: Documents<Invitation>, clock: Clock, lifetimeMs: number) {
    this.#documents = documents;
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Reads the invitations. Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock, lifetimeMs: number): Promise<Invitations> {
    const options = { oneAtATime: true, clock, dropExpiredAt: clock.now() };
    return new Invitations(await Documents.open<Invitation>(store, COLLECTION, options), clock, lifetimeMs);
  }

  get lifetimeMs(): number {
    return this.#lifetimeMs;
  }

  /** Returns the invitations that are neither accepted nor expired, the oldest first. */
  pending(): readonly Invitation[] {
    const now = this.#clock.now();
    return [...this.#documents.values()].filter(({ expires }) => expires > now).toSorted((a, b) => a.id - b.id);
  }

  /** Returns the pending invitation that has a secret code. */
  withCode(code: string): Invitation | undefined {
    const found = this.#documents.get(codeDigest(code));
    return found !== undefined && found.expires > this.#clock.now() ? found : undefined;
  }

  /**
   * Adds an invitation, and removes expired invitations and earlier ones for the same address. Resolves with the secret
   * code, which cannot be read later. Rejects with a refusal or StoreError.
   */
  async add(draft: Draft): Promise<{ readonly invitation: Invitation; readonly code: string }> {
    if (Math.max(draft.email.length, draft.name.length) > MAX_TEXT)
      throw refusal(400, `name and address of an invitation can have at most ${MAX_TEXT} characters`);
    const [code, uid, now] = [newCode(), newUid(), this.#clock.now()];
    const invitation = await this.#documents.change(() => {
      const removed = [...this.#documents.entries()]
        .filter(([, one]) => one.expires <= now || one.email.toLowerCase() === draft.email.toLowerCase())
        .map(([key]) => key);
      if (this.#documents.size - removed.length >= MAX_PENDING)
        throw refusal(400, `there are ${MAX_PENDING} pending invitations; revoke some first`);
      const times = { created: now, expires: now + this.#lifetimeMs, mailed: 0 };
      const result: Invitation = { id: this.#documents.nextId(), uid, ...draft, ...times };
      return { put: new Map([[codeDigest(code), result]]), removed, expiresAt: result.expires, result };
    });
    return { invitation, code };
  }

  /** Records that the mail of an invitation was sent. Rejects with StoreError. */
  async noteMailed(code: string, { expires }: Invitation): Promise<void> {
    const mailed = this.#clock.now();
    await this.#documents.update(codeDigest(code), (before) => before && { ...before, mailed }, expires);
  }

  /**
   * Removes an invitation by its uid or its secret code. Returns false if there is no such invitation. Rejects with
   * StoreError.
   */
  revoke(uidOrCode: string): Promise<boolean> {
    return this.#documents.change(() => {
      const digest = codeDigest(uidOrCode);
      const found = [...this.#documents.entries()].find(([key, { uid }]) => uid === uidOrCode || key === digest);
      return { removed: found === undefined ? [] : [found[0]], result: found !== undefined };
    });
  }

  /**
   * Removes and returns the pending invitation with a secret code, so that the code cannot be used again. Resolves with
   * undefined if another request or instance was faster. Rejects with StoreError.
   */
  take(code: string): Promise<Invitation | undefined> {
    return this.#documents.change(() => {
      const result = this.withCode(code);
      return { removed: result === undefined ? [] : [codeDigest(code)], result };
    });
  }

  /**
   * Stores an invitation again whose acceptance failed because the user could not be added. Rejects with StoreError.
   */
  async putBack(code: string, invitation: Invitation): Promise<void> {
    await this.#documents.update(codeDigest(code), () => invitation, invitation.expires);
  }
}
