import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Audit } from "../audit/audit.ts";
import type { Auth } from "../auth/auth.ts";
import { hashPassword, passwordProblem } from "../auth/passwords/passwords.ts";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import { isMailAddress, mailDisabled, type SendMail } from "../mail/mailer.ts";
import { resetMail } from "../mail/mails.ts";
import type { Stores } from "../state/stores.ts";
import { clientNetwork } from "../web/client-address.ts";
import { refusal } from "../web/refusal.ts";
import { bodyOfRequest, textAt } from "../web/request-body.ts";
import { RESET_LIFETIME_MS, ResetCodes } from "./reset-codes.ts";
import { ResetLimits } from "./reset-limits.ts";

/** Maximum size of a request body, in bytes. The limit is low because the sender is not identified. */
const MAX_BYTES = 65_536;
/** Maximum number of mails that wait to be sent. More mails are dropped. */
const MAX_WAITING = 100;

interface Parts {
  readonly context: Context;
  readonly auth: Pick<Auth, "users" | "credentials" | "sessions" | "passwords">;
  readonly audit: Pick<Audit, "note">;
  readonly codes: ResetCodes;
}

interface PasswordMailsOptions {
  readonly auth: Auth;
  readonly audit: Audit;
  /** Function that sends mails; undefined if mails are disabled. */
  readonly sendMail: SendMail | undefined;
}

/** Adds Grafana's API for lost passwords. Rejects with StoreError. */
export async function openPasswordMails(
  context: Context,
  { store }: Stores,
  { auth, audit, sendMail }: PasswordMailsOptions,
): Promise<Feature> {
  const codes = await ResetCodes.open(store, auth.credentials, context.clock);
  const parts = { context, auth, audit, codes };
  const mails = sendMail && new ResetMails(parts, sendMail);
  return {
    name: "password mails",
    routes({ app }) {
      requestRoute(app, parts, mails);
      resetRoute(app, parts);
    },
    stop: async () => mails?.stop(),
  };
}

/**
 * Adds the route that requests a reset mail. Neither the response nor its delay shows whether the user exists, because
 * the user is looked up after the response.
 */
function requestRoute(app: FastifyInstance, { context }: Parts, mails: ResetMails | undefined): void {
  const { settings, clock } = context;
  const limits = new ResetLimits();
  const right = { ...needs("none"), bodyLimit: MAX_BYTES };
  app.post("/api/user/password/send-reset-email", right, (request) => {
    const name = textAt(bodyOfRequest(request), "userOrEmail").trim();
    checkLoginForm(settings["auth.disable_login_form"]);
    if (mails === undefined) throw mailDisabled();
    if (!limits.admitsNetwork(clientNetwork(request.clientAddress), clock.now()))
      throw refusal(429, "Too many requests for a new password: try again in an hour");
    mails.request(name, limits);
    return { message: "Email sent" };
  });
}

function checkLoginForm(isDisabled: boolean): void {
  if (isDisabled) throw refusal(401, "Not allowed to reset password when login form is disabled");
}

/** Sends the reset mails one after the other, independently of the requests. */
class ResetMails {
  readonly #parts: Parts;
  readonly #sendMail: SendMail;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(parts: Parts, sendMail: SendMail) {
    this.#parts = parts;
    this.#sendMail = sendMail;
  }

  /** Sends a mail to the user with a login or address, if this user signs in with a password of this program. */
  request(name: string, limits: ResetLimits): void {
    const { logger } = this.#parts.context;
    if (this.#waiting >= MAX_WAITING) {
      logger.warn("A mail for a lost password was not sent, because too many are waiting");
      return;
    }
    this.#waiting++;
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    this.#last = Promise.all([this.#last, turn])
      .then(() => this.#send(name, limits))
      .catch((error: unknown) => {
        logger.error("A mail for a lost password was not sent", { err: (error as Error).message });
      })
      .finally(() => void this.#waiting--);
  }

  stop(): Promise<void> {
    return this.#last;
  }

  async #send(name: string, limits: ResetLimits): Promise<void> {
    const { context, auth, audit, codes } = this.#parts;
    const { clock, address } = context;
    const user = name === "" ? undefined : auth.users.named(name);
    if (user === undefined || user.isDisabled || !isMailAddress(user.email)) return;
    // Users of another system get no reset mail, as in Grafana: with a password, they could sign in after leaving that
    // system.
    const external = auth.credentials.externalOf(user.id);
    if (external.some(({ provider }) => provider === "ldap" || provider === "authproxy")) return;
    if (!limits.admitsUser(user.id, clock.now())) return;
    const code = await codes.add(user.id);
    if (code === undefined) return;
    const url = `${address.url}/user/password/reset?code=${code}`;
    const mail = resetMail({ name: user.name || user.login, url, lifetimeMs: RESET_LIFETIME_MS });
    await this.#sendMail(user.email, mail);
    await audit.note({ action: "mail-sent", kind: "password-reset", uid: String(user.id), name: user.login });
  }
}

/** Adds the route that sets a new password with a reset code. All sessions of the user end. */
function resetRoute(app: FastifyInstance, { context, auth, audit, codes }: Parts): void {
  const { settings } = context;
  const right = { ...needs("none"), bodyLimit: MAX_BYTES };
  app.post("/api/user/password/reset", right, async (request: FastifyRequest) => {
    const body = bodyOfRequest(request);
    checkLoginForm(settings["auth.disable_login_form"]);
    const code = textAt(body, "code");
    if (codes.userOf(code) === undefined) throw invalidCode();
    const password = textAt(body, "newPassword");
    if (password !== textAt(body, "confirmPassword")) throw refusal(400, "Passwords do not match");
    const problem = passwordProblem(password, settings["auth.basic.password_policy"]);
    if (problem !== undefined) throw refusal(400, problem);
    const hash = await hashPassword(password);
    const id = await codes.take(code);
    const user = id === undefined ? undefined : auth.users.byId(id);
    if (user === undefined || user.isDisabled) throw invalidCode();
    await auth.passwords.set(user, hash);
    await auth.sessions.endAll(user.id);
    await audit.note({ action: "password-reset", kind: "user", uid: String(user.id), name: user.login });
    return { message: "User password changed" };
  });
}

const invalidCode = (): Error => refusal(400, "Invalid or expired reset password code");
