import type { Principal } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import { StoreError } from "@narthex/store";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../settings/setting-table.ts";
import { clientNetwork, isHiddenByProxy, type Received } from "../web/client-address.ts";
import { namedRefusal, Refusal } from "../web/refusal.ts";
import type { SessionCookies } from "./cookies.ts";
import type { LoginAttempt, LoginLimits } from "./login-limits.ts";
import { LoginQueue } from "./login-queue.ts";
import { hashPassword, isPassword, KnownPasswords, type PasswordHash } from "./passwords.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { User, Users } from "./users.ts";

export interface AuthenticatorParts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly cookies: SessionCookies;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: LoginLimits;
  readonly addressOf: (request: Received) => string;
  /** Called before a password is checked; the check waits for the promise. Rejects with StoreError. */
  readonly beforeLogin: () => Promise<void>;
}

function principalOf({ id, login, role, isServerAdmin }: User): Principal {
  return { kind: "user", name: login, grants: { userId: id, role, isServerAdmin } };
}

export class Authenticator {
  readonly #parts: AuthenticatorParts;
  readonly #known = new KnownPasswords();
  readonly #queue = new LoginQueue();
  #hasWarned = false;
  #isStoreFailing = false;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /**
   * Returns the user of a request. In Grafana's order, the user is identified by the Authorization header, otherwise by
   * the session, otherwise by anonymous access. Returns undefined for an unknown client. If the Authorization is wrong
   * and the client is not identified otherwise, rejects with a refusal.
   */
  async principalOf(request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined> {
    const stated = await this.#ofAuthorization(request);
    const user = stated instanceof Refusal ? undefined : stated;
    const found = user ?? (await this.#ofSession(request, reply));
    const principal = found === undefined ? this.#everybody() : principalOf(found);
    if (principal === undefined && stated instanceof Refusal) throw stated;
    return principal;
  }

  /**
   * Returns the user of the Authorization header, or the refusal if the header is wrong. Returns undefined for a
   * request without Authorization.
   */
  async #ofAuthorization(request: FastifyRequest): Promise<User | Refusal | undefined> {
    // If the web config has identified the user, its Authorization was already checked and is ignored here.
    const header = request.principal.kind === "user" ? undefined : request.headers.authorization;
    const [, scheme, credentials = ""] = /^([a-z]+) (.*)$/is.exec(header ?? "") ?? [];
    if (scheme?.toLowerCase() === "bearer") return namedRefusal(401, "api-key.invalid", "Invalid API key");
    if (scheme?.toLowerCase() !== "basic" || !this.#parts.settings["auth.basic.enabled"]) return undefined;
    try {
      const [name, password] = basicCredentials(credentials);
      return await this.login(name, password, request);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
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

  /** Returns the user with this name if the password is correct. Rejects with a refusal otherwise. */
  async login(name: string, password: string, request: FastifyRequest): Promise<User> {
    await this.#parts.beforeLogin();
    const found = await this.#check({ name, password, request });
    if (found === undefined) throw namedRefusal(401, "password-auth.failed", "Invalid username or password");
    return found;
  }

  /**
   * Reports whether a signed-in user knows the password. A wrong password counts as a failed login. Rejects with a
   * refusal if the limit is reached.
   */
  async knowsPassword(user: User, password: string, request: FastifyRequest): Promise<boolean> {
    return (await this.#check({ name: user.login, password, request })) !== undefined;
  }

  /**
   * Returns the user if the password is correct. Rejects with a refusal if there were too many failures, or if too many
   * logins are waiting.
   */
  async #check({ name, password, request }: Given): Promise<User | undefined> {
    const attempt = this.#attemptOf(name, request);
    const user = this.#userOf(name);
    const { sender } = attempt;
    const isKnown =
      user?.isDisabled === false && this.#known.has({ password, kept: user.password, sender }, this.#parts.clock.now());
    // The limits are checked before the login waits, so that clients over their limit do not fill the queue.
    this.#checkLimits(attempt, isKnown);
    if (isKnown) return user;
    return this.#queue.run(sender, async () => {
      await this.#parts.beforeLogin();
      this.#checkLimits(attempt, false);
      return this.#tryPassword(attempt, password);
    });
  }

  #attemptOf(name: string, request: FastifyRequest): LoginAttempt {
    const address = this.#parts.addressOf(request);
    const sender = clientNetwork(address);
    const isHidden = isHiddenByProxy(request, address);
    if (isHidden && !this.#hasWarned) {
      this.#hasWarned = true;
      this.#parts.logger.warn("A login came through a proxy that hides its clients", {
        address,
        hint: "the failed logins of all its clients are counted together; add the proxy to server.trusted_proxies and configure it to send X-Forwarded-For",
      });
    }
    return { name, sender, isHidden };
  }

  #userOf(name: string): User | undefined {
    return name === "" ? undefined : this.#parts.users.named(name);
  }

  /** Throws a refusal if too many logins have failed. For known clients, failures of other clients do not count. */
  #checkLimits(attempt: LoginAttempt, hasPassword: boolean): void {
    const { clock, sessions, limits } = this.#parts;
    const isKnown = (): boolean => {
      if (hasPassword) return true;
      const user = this.#userOf(attempt.name);
      const own = user === undefined ? [] : sessions.ofUser(user.id);
      return own.some(({ address }) => clientNetwork(address) === attempt.sender);
    };
    const wait = limits.waitMs(attempt, clock.now(), isKnown);
    if (wait <= 0) return;
    const minutes = Math.ceil(wait / 60_000);
    throw namedRefusal(
      401,
      "password-auth.failed",
      `Too many failed logins; try again in ${minutes} minute${minutes === 1 ? "" : "s"}`,
    );
  }

  async #tryPassword(attempt: LoginAttempt, password: string): Promise<User | undefined> {
    const { clock, limits } = this.#parts;
    const now = clock.now();
    const user = this.#userOf(attempt.name);
    const isRight = await isPassword(password, user?.password);
    if (user === undefined || user.isDisabled || password === "" || !isRight) {
      await limits.failed(attempt, now);
      return undefined;
    }
    await this.#note(() => limits.succeeded(attempt));
    const kept = await this.#renewedHash(user, password);
    this.#known.add({ password, kept, sender: attempt.sender }, now);
    return user;
  }

  /**
   * Returns the password hash to store after a successful login. A hash with a weak algorithm is replaced by a scrypt
   * hash, and a scrypt hash stays unchanged.
   */
  async #renewedHash(user: User, password: string): Promise<PasswordHash> {
    const { users } = this.#parts;
    const kept = user.password.algorithm === "scrypt" ? user.password : await hashPassword(password);
    // Grafana's hash can be attacked cheaply, so the password is hashed again with the stronger algorithm.
    if (kept === user.password) return kept;
    const { hash } = user.password;
    const isNoted = await this.#note(() =>
      users.change(user.id, (one) => (one.password.hash === hash ? { password: kept } : {})),
    );
    return isNoted ? kept : user.password;
  }

  /**
   * Makes a change that is not required for the login to succeed. Returns false if the store refuses the change. Logs
   * only the first of several consecutive refusals.
   */
  async #note(change: () => Promise<unknown>): Promise<boolean> {
    try {
      await change();
      this.#isStoreFailing = false;
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (!this.#isStoreFailing) this.#parts.logger.error("A login could not be recorded in the store", { err: error });
      this.#isStoreFailing = true;
      return false;
    }
  }
}

interface Given {
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
    session: Session | undefined;
  }
}
