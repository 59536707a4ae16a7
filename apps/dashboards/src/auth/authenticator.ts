import type { Principal } from "@narthex/http";
import { type Clock, Mutex } from "@narthex/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../settings/setting-table.ts";
import type { Received } from "../web/client-address.ts";
import { namedRefusal, Refusal } from "../web/refusal.ts";
import type { SessionCookies } from "./cookies.ts";
import { LoginLimits } from "./login-limits.ts";
import { hashPassword, isPassword, KnownPasswords, type PasswordHash } from "./passwords.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { User, Users } from "./users.ts";

export interface AuthenticatorParts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly cookies: SessionCookies;
  readonly settings: Settings;
  readonly clock: Clock;
  /** The address that a request comes from. */
  readonly addressOf: (request: Received) => string;
  /** Is awaited before a password is looked at. Rejects with StoreError. */
  readonly beforeLogin: () => Promise<void>;
}

/** Logins that wait for their turn at once, each for some 50 ms. */
const MAX_WAITING = 100;

function principalOf({ id, login, role, isServerAdmin }: User): Principal {
  return { kind: "user", name: login, grants: { userId: id, role, isServerAdmin } };
}

/** Finds out whom requests come from. */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  readonly #limits: LoginLimits;
  readonly #known = new KnownPasswords();
  /** What a password for a name that is nobody's is compared with: as slow as for one that is. */
  #nobody: PasswordHash | undefined;
  readonly #turns = new Mutex();
  #waiting = 0;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    const { settings } = parts;
    const isOff = settings["security.disable_brute_force_login_protection"];
    this.#limits = new LoginLimits(isOff ? Infinity : settings["security.brute_force_login_protection_max_attempts"]);
  }

  /**
   * Whom a request comes from, by its Authorization, its session or by what everybody may; undefined for nobody known.
   * Rejects with a refusal where what it says of itself is wrong.
   */
  async principalOf(request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined> {
    // Who came in by the web config's users has said who they are already.
    const header = request.principal.kind === "user" ? undefined : request.headers.authorization;
    const space = header?.indexOf(" ") ?? -1;
    const scheme = header?.slice(0, Math.max(0, space)).toLowerCase();
    if (scheme === "basic" && this.#parts.settings["auth.basic.enabled"]) {
      const [name, password] = basicCredentials(header!.slice(space + 1));
      return principalOf(await this.login(name, password, request));
    }
    if (scheme === "bearer") throw namedRefusal(401, "api-key.invalid", "Invalid API key");
    const user = await this.#ofSession(request, reply);
    return user === undefined ? this.#everybody() : principalOf(user);
  }

  async #ofSession(request: FastifyRequest, reply: FastifyReply): Promise<User | undefined> {
    const { cookies, sessions, users } = this.#parts;
    const token = cookies.tokenOf(request);
    const found = token === undefined || token === "" ? undefined : await sessions.find(token);
    if (found === undefined) return undefined;
    const user = users.byId(found.session.userId);
    if (user === undefined || user.isDisabled) return undefined;
    request.session = found.session;
    if (found.newToken !== undefined) cookies.set(reply, found.newToken, found.session, sessions);
    return user;
  }

  #everybody(): Principal | undefined {
    const { settings } = this.#parts;
    if (!settings["auth.anonymous.enabled"]) return undefined;
    const role = settings["auth.anonymous.org_role"];
    return { kind: "anonymous", name: "", grants: { userId: 0, role, isServerAdmin: false } };
  }

  /** The user of a name and a password. Rejects with a refusal. */
  async login(name: string, password: string, request: FastifyRequest): Promise<User> {
    await this.#parts.beforeLogin();
    const user = name === "" ? undefined : this.#parts.users.named(name);
    if (user?.isDisabled === false && this.#known.has(password, user.password, this.#parts.clock.now())) return user;
    return this.#inTurn(() => this.#try(name, password, request));
  }

  /** Does somebody who is signed in know their password? Wrong ones count as failed logins. Rejects with a refusal. */
  async knowsPassword(user: User, password: string, request: FastifyRequest): Promise<boolean> {
    return this.#inTurn(() => this.#tryPassword(user, { name: user.login, password, request }));
  }

  async #inTurn<T>(attempt: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) throw namedRefusal(503, "password-auth.busy", "Too many logins at once");
    this.#waiting++;
    try {
      // One after the other: tries that arrive together are counted before the next one is looked at.
      return await this.#turns.runExclusive(attempt);
    } finally {
      this.#waiting--;
    }
  }

  async #try(name: string, password: string, request: FastifyRequest): Promise<User> {
    await this.#parts.beforeLogin();
    const user = name === "" ? undefined : this.#parts.users.named(name);
    const isRight = await this.#tryPassword(user, { name, password, request });
    if (user === undefined || !isRight) {
      throw namedRefusal(401, "password-auth.failed", "Invalid username or password");
    }
    return user;
  }

  /** Is it the password of a user who may sign in? Rejects with a refusal where too many were wrong. */
  async #tryPassword(user: User | undefined, { name, password, request }: Attempt): Promise<boolean> {
    const now = this.#parts.clock.now();
    const address = this.#parts.addressOf(request);
    const wait = this.#limits.waitMs(name, address, now);
    if (wait > 0) {
      const minutes = Math.ceil(wait / 60_000);
      throw namedRefusal(
        401,
        "password-auth.failed",
        `Too many failed logins; try again in ${minutes} minute${minutes === 1 ? "" : "s"}`,
      );
    }
    const kept = user?.password ?? (this.#nobody ??= await hashPassword(""));
    const isRight = await isPassword(password, kept);
    if (user === undefined || user.isDisabled || password === "" || !isRight) {
      this.#limits.failed(name, address, now);
      return false;
    }
    this.#limits.succeeded(name, address);
    this.#known.add(password, kept, now);
    return true;
  }
}

/** A password that somebody gives as theirs. */
interface Attempt {
  readonly name: string;
  readonly password: string;
  readonly request: FastifyRequest;
}

function basicCredentials(encoded: string): readonly [name: string, password: string] {
  const text = Buffer.from(encoded.trim(), "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) throw new Refusal(401, { message: "Invalid Basic Auth Header" });
  return [text.slice(0, colon), text.slice(colon + 1)];
}

declare module "fastify" {
  interface FastifyRequest {
    /** The session that its cookie belongs to. */
    session: Session | undefined;
  }
}
