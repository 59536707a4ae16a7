import { createHash, randomBytes } from "node:crypto";
import type { ConditionalStore } from "@narthex/store";
import type { Clock } from "@narthex/runtime";
import type { Settings } from "../settings/setting-table.ts";
import { Documents } from "../state/documents.ts";

/** A session of a signed-in browser. Tokens are stored as digests. */
export interface Session {
  readonly id: number;
  readonly userId: number;
  readonly token: string;
  /** The token before the last rotation: the browser may not have received the new one. */
  readonly previousToken: string;
  /** Unix ms. */
  readonly createdAt: number;
  readonly rotatedAt: number;
  /** Time at which a request first brought the newest token, Unix ms; 0 or missing if none has. */
  readonly seenAt?: number;
  readonly address: string;
  readonly agent: string;
}

/** A session, with its new token for the cookie if it was rotated. */
export interface FoundSession {
  readonly session: Session;
  readonly newToken?: string;
}

/** Time for which the previous token is valid after the new one was seen, ms: delayed requests use it. */
const OVERLAP_MS = 30_000;

/** Largest number of sessions of a user. */
const MAX_OF_USER = 100;

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** The sessions of signed-in browsers. */
export class Sessions {
  readonly #documents: Documents<Session>;
  readonly #clock: Clock;
  readonly #rotationMs: number;
  readonly #idleMs: number;
  readonly #lifetimeMs: number;
  #byToken = new Map<string, Session>();

  private constructor(documents: Documents<Session>, clock: Clock, settings: Settings) {
    this.#documents = documents;
    this.#clock = clock;
    this.#rotationMs = settings["auth.token_rotation_interval_minutes"] * 60_000;
    this.#idleMs = settings["auth.login_maximum_inactive_lifetime_duration"];
    this.#lifetimeMs = settings["auth.login_maximum_lifetime_duration"];
    documents.onChange(() => this.#index());
    this.#index();
  }

  /** Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock, settings: Settings): Promise<Sessions> {
    await store.collection("sessions", "process").dropExpired(clock.now());
    return new Sessions(await Documents.open<Session>(store, "sessions", { durability: "process" }), clock, settings);
  }

  #index(): void {
    this.#byToken = new Map();
    for (const session of this.#documents.values()) {
      if (session.previousToken !== "") this.#byToken.set(session.previousToken, session);
      this.#byToken.set(session.token, session);
    }
  }

  /** Lifetime of a cookie, ms. */
  get lifetimeMs(): number {
    return this.#lifetimeMs;
  }

  /** Returns the time at which a session needs a new token, Unix ms. */
  rotationDue({ rotatedAt }: Session): number {
    return rotatedAt + this.#rotationMs;
  }

  /** Signs a user in. The returned token is for the cookie. Rejects with StoreError. */
  async begin(userId: number, address: string, agent: string): Promise<Required<FoundSession>> {
    const token = randomBytes(16).toString("hex");
    const now = this.#clock.now();
    const made = {
      userId,
      token: digestOf(token),
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
   * Returns the ids of expired sessions, and of a user's oldest sessions so that one more stays within MAX_OF_USER.
   */
  #surplus(userId: number, now: number): readonly string[] {
    const expired = [...this.#documents.values()].filter((session) => this.#isOver(session, now));
    const live = this.ofUser(userId).filter((session) => !this.#isOver(session, now));
    const oldest = live
      .toSorted((a, b) => a.rotatedAt - b.rotatedAt)
      .slice(0, Math.max(0, live.length + 1 - MAX_OF_USER));
    return [...expired, ...oldest].map(({ id }) => String(id));
  }

  #isOver({ createdAt, rotatedAt }: Session, now: number): boolean {
    return now > createdAt + this.#lifetimeMs || now > rotatedAt + this.#idleMs;
  }

  /** Returns the session of a cookie's token, and a new token if this one is old. Rejects with StoreError. */
  async find(token: string): Promise<FoundSession | undefined> {
    const digest = digestOf(token);
    const session = this.#byToken.get(digest);
    if (session === undefined) return undefined;
    const now = this.#clock.now();
    if (this.#isOver(session, now)) {
      await this.end(session);
      return undefined;
    }
    if (digest !== session.token) {
      const { seenAt = 0 } = session;
      return seenAt > 0 && now > seenAt + OVERLAP_MS ? undefined : { session };
    }
    if (now < this.rotationDue(session)) {
      await this.#noteSeen(session, now);
      return { session };
    }
    // A concurrent request, on this or another instance, has already rotated it. The token stays valid for a while.
    return (await this.#rotated(session, (current) => current.token === digest)) ?? { session };
  }

  /** Records for all instances that the newest token has arrived, so that the previous one soon becomes invalid. */
  async #noteSeen({ id, token, createdAt, seenAt = 0 }: Session, now: number): Promise<void> {
    if (seenAt > 0) return;
    await this.#documents.update(
      String(id),
      (before) => (before?.token !== token || (before.seenAt ?? 0) > 0 ? before : { ...before, seenAt: now }),
      createdAt + this.#lifetimeMs,
    );
  }

  /** Gives a session a new token; undefined if it has ended. Rejects with StoreError. */
  rotate(session: Session): Promise<Required<FoundSession> | undefined> {
    return this.#rotated(session, () => true);
  }

  async #rotated(
    { id, createdAt }: Session,
    isWanted: (current: Session) => boolean,
  ): Promise<Required<FoundSession> | undefined> {
    const token = randomBytes(16).toString("hex");
    const change = { token: digestOf(token), rotatedAt: this.#clock.now(), seenAt: 0 };
    const session = await this.#documents.update(
      String(id),
      (before) =>
        before === undefined || !isWanted(before) ? before : { ...before, ...change, previousToken: before.token },
      createdAt + this.#lifetimeMs,
    );
    if (session?.token !== change.token) return undefined;
    return { session, newToken: token };
  }

  /** Rejects with StoreError. */
  async end({ id }: Session): Promise<void> {
    await this.#documents.remove(String(id));
  }

  /** Ends the sessions of a user except `kept`. Rejects with StoreError. */
  async endAll(userId: number, kept?: Session): Promise<void> {
    for (const session of this.ofUser(userId)) if (session.id !== kept?.id) await this.end(session);
  }

  get size(): number {
    return this.#documents.size;
  }

  ofUser(userId: number): readonly Session[] {
    return [...this.#documents.values()].filter((session) => session.userId === userId);
  }
}
