import { randomBytes } from "node:crypto";
import type { ConditionalStore } from "@narthex/store";
import type { Clock } from "@narthex/runtime";
import type { Settings } from "../../settings/setting-table.ts";
import { DocumentIndex } from "../../state/document-index.ts";
import { Documents } from "../../state/documents.ts";
import { SparseSearch } from "../../state/sparse-search.ts";
import { tokenDigest } from "../tokens/token-text.ts";

/** A session of a signed-in browser. Only digests of its tokens are stored. */
export interface Session {
  readonly id: number;
  readonly userId: number;
  readonly token: string;
  /**
   * The token before the last renewal. The old token is kept because the browser may not have received the new token.
   */
  readonly previousToken: string;
  /** Times at which the session was created, and at which its token was last renewed, Unix ms. */
  readonly createdAt: number;
  readonly rotatedAt: number;
  /**
   * Time of the first request with the newest token, Unix ms. 0 or missing if no request has contained the token yet.
   */
  readonly seenAt?: number;
  readonly address: string;
  readonly agent: string;
}

export interface FoundSession {
  readonly session: Session;
  readonly newToken?: string;
}

/**
 * Time in ms for which the previous token stays valid after a request contained the new one. Delayed requests may still
 * contain the previous token.
 */
const OVERLAP_MS = 30_000;

/** Maximum number of sessions of a user. */
const MAX_OF_USER = 100;

export class Sessions {
  readonly #documents: Documents<Session>;
  readonly #clock: Clock;
  readonly #rotationMs: number;
  readonly #idleMs: number;
  readonly #lifetimeMs: number;
  /** Sessions by the digests of their tokens. */
  readonly #byToken: DocumentIndex<Session, string>;
  readonly #ofUser: DocumentIndex<Session, number>;
  readonly #expiry: SparseSearch;

  private constructor(documents: Documents<Session>, clock: Clock, settings: Settings) {
    this.#documents = documents;
    this.#clock = clock;
    this.#expiry = new SparseSearch(clock);
    this.#rotationMs = settings["auth.token_rotation_interval_minutes"] * 60_000;
    this.#idleMs = settings["auth.login_maximum_inactive_lifetime_duration"];
    this.#lifetimeMs = settings["auth.login_maximum_lifetime_duration"];
    this.#byToken = new DocumentIndex(documents, ({ token, previousToken }) =>
      previousToken === "" ? [token] : [token, previousToken],
    );
    this.#ofUser = new DocumentIndex(documents, ({ userId }) => [userId]);
  }

  static async open(store: ConditionalStore, clock: Clock, settings: Settings): Promise<Sessions> {
    const options = { durability: "process", dropExpiredAt: clock.now() } as const;
    return new Sessions(await Documents.open<Session>(store, "sessions", options), clock, settings);
  }

  /** Lifetime of the session cookie, ms. */
  get lifetimeMs(): number {
    return this.#lifetimeMs;
  }

  /** Returns the time at which a session's token must be renewed, Unix ms. */
  rotationDue({ rotatedAt }: Session): number {
    return rotatedAt + this.#rotationMs;
  }

  /** Starts a session for a user. Resolves with the session and the token for the cookie. Rejects with StoreError. */
  async begin(userId: number, address: string, agent: string): Promise<Required<FoundSession>> {
    const token = randomBytes(16).toString("hex");
    const now = this.#clock.now();
    const made = {
      userId,
      token: tokenDigest(token),
      previousToken: "",
      createdAt: now,
      rotatedAt: now,
      seenAt: now,
      address,
      agent: agent.slice(0, 256),
    };
    const session = await this.#documents.change(() => {
      const result: Session = { id: this.#documents.nextId(), ...made };
      const removed = this.#surplus(userId, now);
      return { put: new Map([[String(result.id), result]]), removed, expiresAt: now + this.#lifetimeMs, result };
    });
    return { session, newToken: token };
  }

  /**
   * Returns the ids of sessions to remove: expired sessions, and a user's oldest sessions if a new one would exceed
   * MAX_OF_USER.
   */
  #surplus(userId: number, now: number): readonly string[] {
    const expired = this.#expiry.find(this.#documents.values(), (session) => this.#isOver(session, now));
    const live = this.ofUser(userId).filter((session) => !this.#isOver(session, now));
    const oldest = live
      .toSorted((a, b) => a.rotatedAt - b.rotatedAt)
      .slice(0, Math.max(0, live.length + 1 - MAX_OF_USER));
    return [...expired, ...oldest].map(({ id }) => String(id));
  }

  #isOver({ createdAt, rotatedAt }: Session, now: number): boolean {
    return now > createdAt + this.#lifetimeMs || now > rotatedAt + this.#idleMs;
  }

  /**
   * Returns the session to which a cookie's token belongs. If the token is old, also returns a new token. Rejects with
   * StoreError.
   */
  async find(token: string): Promise<FoundSession | undefined> {
    const digest = tokenDigest(token);
    const session = await this.#live(digest);
    if (session === undefined || digest !== session.token) return session && { session };
    const now = this.#clock.now();
    if (now < this.rotationDue(session)) {
      await this.#noteSeen(session, now);
      return { session };
    }
    // The token is renewed only if no concurrent request, on this or another instance, has already renewed it. The old
    // token stays valid for a while.
    return (await this.#rotated(session, (current) => current.token === digest)) ?? { session };
  }

  /** Returns the session to which a token belongs, without renewing the token. Rejects with StoreError. */
  async look(token: string): Promise<FoundSession | undefined> {
    const session = await this.#live(tokenDigest(token));
    return session && { session };
  }

  /** Returns the session with this token digest, if both the session and the token are still valid. */
  async #live(digest: string): Promise<Session | undefined> {
    const session = this.#byToken.first(digest);
    if (session === undefined) return undefined;
    const now = this.#clock.now();
    if (this.#isOver(session, now)) {
      await this.end(session);
      return undefined;
    }
    const { seenAt = 0 } = session;
    return digest !== session.token && seenAt > 0 && now > seenAt + OVERLAP_MS ? undefined : session;
  }

  /**
   * Records for all instances that a request contained the newest token, so that the previous token soon becomes
   * invalid.
   */
  async #noteSeen({ id, token, createdAt, seenAt = 0 }: Session, now: number): Promise<void> {
    if (seenAt > 0) return;
    await this.#documents.update(
      String(id),
      (before) => (before?.token !== token || (before.seenAt ?? 0) > 0 ? before : { ...before, seenAt: now }),
      createdAt + this.#lifetimeMs,
    );
  }

  /** Renews a session's token. Resolves with undefined if the session has ended. Rejects with StoreError. */
  rotate(session: Session): Promise<Required<FoundSession> | undefined> {
    return this.#rotated(session, () => true);
  }

  async #rotated(
    { id, createdAt }: Session,
    isWanted: (current: Session) => boolean,
  ): Promise<Required<FoundSession> | undefined> {
    const token = randomBytes(16).toString("hex");
    const change = { token: tokenDigest(token), rotatedAt: this.#clock.now(), seenAt: 0 };
    const session = await this.#documents.update(
      String(id),
      (before) =>
        before === undefined || !isWanted(before) ? before : { ...before, ...change, previousToken: before.token },
      createdAt + this.#lifetimeMs,
    );
    if (session?.token !== change.token) return undefined;
    return { session, newToken: token };
  }

  async end({ id }: Session): Promise<void> {
    await this.#documents.remove(String(id));
  }

  /** Ends all sessions of a user except `kept`. Rejects with StoreError. */
  async endAll(userId: number, kept?: Session): Promise<void> {
    for (const session of this.ofUser(userId)) if (session.id !== kept?.id) await this.end(session);
  }

  get size(): number {
    return this.#documents.size;
  }

  /** Reports whether a session with this id has not ended. */
  has(id: number): boolean {
    return this.#documents.get(String(id)) !== undefined;
  }

  ofUser(userId: number): readonly Session[] {
    return this.#ofUser.of(userId);
  }
}
