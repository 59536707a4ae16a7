import type { Clock, Logger } from "@narthex/runtime";
import { StoreError } from "@narthex/store";
import type { FastifyRequest } from "fastify";
import type { Received } from "../../web/client-address.ts";
import { namedRefusal } from "../../web/refusal.ts";
import { attemptOf, isKnownSender, type LoginAttempt, type LoginLimits, tooManyFailures } from "./login-limits.ts";
import { SignInError } from "../external/external-account.ts";
import type { Ldap } from "../ldap/ldap.ts";
import { LoginQueue } from "./login-queue.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { BEST_ALGORITHM, hashPassword, isPassword, KnownPasswords, type PasswordHash } from "./passwords.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { TwoStep } from "../two-step/two-step.ts";
import { codeRefusal, noCode, noCodeInBasic } from "../two-step/code-refusals.ts";
import type { User, Users } from "../users/users.ts";

export interface PasswordLoginParts {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: LoginLimits;
  readonly addressOf: (request: Received) => string;
  /** The LDAP directories whose users can sign in; undefined without directories. */
  readonly ldap: Ldap | undefined;
  /** Called before each check of a password, which waits for the returned promise. Rejects with StoreError. */
  readonly beforeLogin: () => Promise<void>;
  readonly twoStep: Pick<TwoStep, "isInForce" | "isStored" | "take">;
}

/** Checks the names and passwords of users, with limits for failed logins. */
export class PasswordLogin {
  readonly #parts: PasswordLoginParts;
  readonly #known = new KnownPasswords();
  readonly #queue = new LoginQueue();
  /** Queue of logins that wait for a directory. Logins with a password of this program do not wait in it. */
  readonly #directoryQueue = new LoginQueue();
  #hasWarned = false;
  #isStoreFailing = false;

  constructor(parts: PasswordLoginParts) {
    this.#parts = parts;
  }

  /**
   * Returns the user with this name if the password is correct, and the code is correct if the user has two-step codes.
   * Rejects with a refusal otherwise. A refusal because of the code comes only after a correct password.
   * @param code the two-step code; empty if the user has not entered one yet, undefined if the request cannot contain
   * one
   */
  async login(name: string, password: string, request: FastifyRequest, code?: string): Promise<User> {
    await this.#parts.beforeLogin();
    const found = await this.#check({ name, password, request });
    if (found === undefined) throw namedRefusal(401, "password-auth.failed", "Invalid username or password");
    if (await this.#needsCode(found, code)) await this.#checkCode(found, this.#attemptOf(name, request), code);
    return found;
  }

  /**
   * Reports whether the user needs a two-step code. For a login that may contain a code, reads the store, because
   * another instance may just have turned codes on.
   */
  async #needsCode({ id }: User, code: string | undefined): Promise<boolean> {
    const { twoStep } = this.#parts;
    return code === undefined ? twoStep.isInForce(id) : twoStep.isStored(id);
  }

  /** Checks a two-step code. A wrong code counts as a failed login. */
  async #checkCode({ id }: User, attempt: LoginAttempt, code: string | undefined): Promise<void> {
    const { twoStep, limits, clock } = this.#parts;
    if (code === undefined) throw noCodeInBasic();
    if (code === "") throw noCode();
    const outcome = await twoStep.take(id, code);
    if (outcome.kind === "accepted") {
      await this.#note(() => limits.succeeded(attempt));
      return;
    }
    await limits.failed(attempt, clock.now());
    throw codeRefusal(401, outcome);
  }

  /** Resets the counter of failures after a correct password, unless the login still needs a two-step code. */
  async #noteCorrect({ id }: User, attempt: LoginAttempt): Promise<void> {
    if (!this.#parts.twoStep.isInForce(id)) await this.#note(() => this.#parts.limits.succeeded(attempt));
  }

  /**
   * Reports whether a text is the password that a signed-in user has in this program. Passwords in directories do not
   * count: otherwise a user of a directory could set a password here, and use it after leaving the directory. A wrong
   * password counts as a failed login. Rejects with a refusal if the limit is reached.
   */
  async knowsPassword(user: User, password: string, request: FastifyRequest): Promise<boolean> {
    return (await this.#check({ name: user.login, password, request, isOnlyHere: true })) !== undefined;
  }

  /**
   * Returns the user if the password is correct. Rejects with a refusal if there were too many failures, or if too many
   * logins are waiting.
   */
  async #check({ name, password, request, isOnlyHere = false }: Given): Promise<User | undefined> {
    const attempt = this.#attemptOf(name, request);
    const user = this.#userOf(name);
    const { sender } = attempt;
    const mark = user === undefined || isOnlyHere ? undefined : this.#directoryMark(user);
    const kept = user?.isDisabled === false ? (this.#hashOf(user) ?? mark) : undefined;
    const isKnown = kept !== undefined && this.#known.has({ password, kept, sender }, this.#parts.clock.now());
    // The limits are checked before the login is put into the queue, so that clients over their limit do not fill the
    // queue.
    this.#checkLimits(attempt, isKnown);
    if (isKnown) return user;
    const ldap = isOnlyHere ? undefined : this.#parts.ldap;
    const found = await this.#queue.run(sender, async () => {
      await this.#parts.beforeLogin();
      this.#checkLimits(attempt, false);
      return this.#tryPassword(attempt, password, ldap);
    });
    if (found !== undefined || ldap === undefined) return found;
    return this.#directoryQueue.run(sender, async () => {
      this.#checkLimits(attempt, false);
      return this.#tryDirectory(attempt, password, ldap);
    });
  }

  #attemptOf(name: string, request: FastifyRequest): LoginAttempt {
    const address = this.#parts.addressOf(request);
    const attempt = attemptOf(name, request, address);
    if (attempt.isHidden && !this.#hasWarned) {
      this.#hasWarned = true;
      this.#parts.logger.warn("A login came through a proxy that hides its clients", {
        address,
        hint: "the failed logins of all its clients are counted together; add the proxy to server.trusted_proxies and configure it to send X-Forwarded-For",
      });
    }
    return attempt;
  }

  #userOf(name: string): User | undefined {
    return name === "" ? undefined : this.#parts.users.named(name);
  }

  #hashOf({ id }: User): PasswordHash | undefined {
    return this.#parts.credentials.passwordOf(id);
  }

  /**
   * Returns a placeholder for the password hash of a user of a directory, under which a correct password of the user is
   * remembered.
   */
  #directoryMark({ id }: User): PasswordHash | undefined {
    const [account] = this.#parts.credentials.externalOf(id).filter(({ provider }) => provider === "ldap");
    return account && { algorithm: "argon2id", salt: "", hash: `ldap ${account.subject}` };
  }

  /** Throws a refusal if too many logins have failed. For known clients, failures of other clients are not counted. */
  #checkLimits(attempt: LoginAttempt, hasPassword: boolean): void {
    const { clock, sessions, limits } = this.#parts;
    const isKnown = (): boolean => {
      if (hasPassword) return true;
      const user = this.#userOf(attempt.name);
      return user !== undefined && isKnownSender(sessions.ofUser(user.id), attempt);
    };
    const wait = limits.waitMs(attempt, clock.now(), isKnown);
    if (wait > 0) throw namedRefusal(401, "password-auth.failed", tooManyFailures(wait));
  }

  /**
   * Returns the user if the password in this program is correct. A wrong password counts as a failed login, unless a
   * directory is asked next.
   */
  async #tryPassword(attempt: LoginAttempt, password: string, ldap: Ldap | undefined): Promise<User | undefined> {
    const { clock, limits, credentials } = this.#parts;
    const now = clock.now();
    const user = this.#userOf(attempt.name);
    const stored = user && this.#hashOf(user);
    const isRight = await isPassword(password, stored, credentials.algorithms);
    if (user === undefined || stored === undefined || user.isDisabled || password === "" || !isRight) {
      if (ldap === undefined) await limits.failed(attempt, now);
      return undefined;
    }
    await this.#noteCorrect(user, attempt);
    const kept = await this.#renewedHash(user, stored, password);
    this.#known.add({ password, kept, sender: attempt.sender }, now);
    return user;
  }

  /** Returns the user if a directory accepts the password. Any other outcome counts as a failed login. */
  async #tryDirectory(attempt: LoginAttempt, password: string, ldap: Ldap): Promise<User | undefined> {
    const { limits, clock } = this.#parts;
    const now = clock.now();
    try {
      const user = await ldap.signIn(attempt.name, password);
      if (user === undefined) await limits.failed(attempt, now);
      else {
        await this.#noteCorrect(user, attempt);
        const kept = this.#hashOf(user) === undefined ? this.#directoryMark(user) : undefined;
        if (kept !== undefined) this.#known.add({ password, kept, sender: attempt.sender }, now);
      }
      return user;
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      await limits.failed(attempt, now);
      const status = error.problem === "provider-unavailable" ? 503 : 401;
      throw namedRefusal(status, `ldap.${error.problem}`, error.message);
    }
  }

  /**
   * Returns the password hash to store after a successful login. A hash with an older algorithm is replaced, because it
   * can be attacked more cheaply.
   */
  async #renewedHash({ id }: User, stored: PasswordHash, password: string): Promise<PasswordHash> {
    if (stored.algorithm === BEST_ALGORITHM || stored.algorithm === "argon2id") return stored;
    const better = await hashPassword(password);
    const isNoted = await this.#note(() => this.#parts.credentials.setPassword(id, better, stored));
    return isNoted ? better : stored;
  }

  /**
   * Makes a change that the login can succeed without. Returns false if the store refuses it. Only the first of several
   * consecutive refusals is logged.
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
  /** Whether only passwords in this program are checked, and not those in directories. */
  readonly isOnlyHere?: boolean;
}
