import { createHash, randomBytes } from "node:crypto";
import type { ConditionalStore } from "@narthex/store";
import type { Clock } from "@narthex/runtime";
import type { Settings } from "../settings/setting-table.ts";
import { Documents } from "../state/documents.ts";

/** Somebody's browser that is signed in. Tokens are kept as digests. */
export interface Session {
  readonly id: number;
  readonly userId: number;
  readonly token: string;
  /** The token before the last rotation: answers that carried the new one may not have arrived. */
  readonly previousToken: string;
  /** Unix ms. */
  readonly createdAt: number;
  readonly rotatedAt: number;
  /** When a request first brought the newest token, Unix ms; 0 or missing: none has. */
  readonly seenAt?: number;
  readonly address: string;
  readonly agent: string;
}

/** A session and, where it has got a new token, that token for its cookie. */
export interface FoundSession {
  readonly session: Session;
  readonly newToken?: string;
}

/** How long the token before counts after the new one was seen, ms: requests under way carry it. */
const OVERLAP_MS = 30_000;

/** Sessions of one user at most. */
const MOST_OF_USER = 100;

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Who is signed in with a browser. */
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

  /** How long a cookie lasts, ms. */
  get lifetimeMs(): number {
    return this.#lifetimeMs;
  }

  /** When a session needs another token, Unix ms. */
  rotationDue({ rotatedAt }: Session): number {
    return rotatedAt + this.#rotationMs;
  }

  /** Signs a user in; the token is for the cookie. Rejects with StoreError. */
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

  /** Ids of sessions that have expired, and of a user's oldest beyond MOST_OF_USER with one more. */
  #surplus(userId: number, now: number): readonly string[] {
    const expired = [...this.#documents.values()].filter((session) => this.#isOver(session, now));
    const live = this.ofUser(userId).filter((session) => !this.#isOver(session, now));
    const oldest = live
      .toSorted((a, b) => a.rotatedAt - b.rotatedAt)
      .slice(0, Math.max(0, live.length + 1 - MOST_OF_USER));
    return [...expired, ...oldest].map(({ id }) => String(id));
  }

  #isOver({ createdAt, rotatedAt }: Session, now: number): boolean {
    return now > createdAt + this.#lifetimeMs || now > rotatedAt + this.#idleMs;
  }

  /** The session of a cookie's token, with another token where this one is old. Rejects with StoreError. */
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
    // Whoever asks at the same time, of this instance or another, has rotated it: the token counts a while longer.
    return (await this.#rotated(session, (current) => current.token === digest)) ?? { session };
  }

  /** Tells all instances that the newest token has arrived, so that none takes the one before it for long. */
  async #noteSeen({ id, token, createdAt, seenAt = 0 }: Session, now: number): Promise<void> {
    if (seenAt > 0) return;
    await this.#documents.update(
      String(id),
      (before) => (before?.token !== token || (before.seenAt ?? 0) > 0 ? before : { ...before, seenAt: now }),
      createdAt + this.#lifetimeMs,
    );
  }

  /** Gives a session another token; undefined where it has ended. Rejects with StoreError. */
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
