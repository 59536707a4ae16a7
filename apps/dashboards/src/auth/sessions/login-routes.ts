import { FormFields } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Context } from "../../context.ts";
import type { Received } from "../../web/client-address.ts";
import { localPath } from "../../web/local-path.ts";
import { Refusal, refusal, unauthorized } from "../../web/refusal.ts";
import { bodyOfRequest, queryOf, textAt } from "../../web/request-body.ts";
import type { BeginSession } from "./begin-session.ts";
import { cookieOf, REDIRECT_COOKIE, type SessionCookies } from "./cookies.ts";
import type { LoginLink } from "./login-link.ts";
import { FirstPassword } from "../passwords/first-password.ts";
import type { PasswordLogin } from "../passwords/password-login.ts";
import { needs } from "../rights.ts";
import { LOGIN_PATH } from "../same-origin.ts";
import type { OAuthSessions } from "../oauth/oauth-sessions.ts";
import type { Session, Sessions } from "./sessions.ts";
import { isCodeMissing } from "../two-step/code-refusals.ts";
import type { Users } from "../users/users.ts";

export interface LoginRoutesOptions {
  readonly context: Context;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly cookies: SessionCookies;
  readonly passwordLogin: PasswordLogin;
  readonly link: LoginLink | undefined;
  readonly addressOf: (request: Received) => string;
  readonly oauthSessions: OAuthSessions;
  readonly begin: BeginSession;
}

/** Maximum size of a login request's body, in bytes. The limit is low because the sender is not identified yet. */
const MAX_LOGIN_BYTES = 65_536;

/** Adds the routes for signing in and out. */
export function loginRoutes(app: FastifyInstance, options: LoginRoutesOptions): void {
  const { context, users, sessions, cookies, passwordLogin, link, addressOf, begin, oauthSessions } = options;
  const { settings, address, logger } = context;
  const firstPassword = new FirstPassword(context.dataFolder);
  const providerSignOut = async (session: Session | undefined): Promise<string | undefined> => {
    const tokens = session && oauthSessions.idTokenOf(session);
    return tokens?.provider.signOutUrl(tokens.idToken, `${address.url}/login`);
  };
  app.post(LOGIN_PATH, { ...needs("none"), bodyLimit: MAX_LOGIN_BYTES }, async (request, reply) => {
    if (settings["auth.disable_login_form"]) throw refusal(403, "the login form is disabled: auth.disable_login_form");
    const { name, password, code } = credentialsOf(request);
    const user = await passwordLogin.login(name, password, request, code).catch((error: unknown) => {
      request.isCodeMissing = error instanceof Refusal && isCodeMissing(error);
      if (!request.isCodeMissing)
        logger.warn("A login failed", { user: name.slice(0, 100), address: addressOf(request) });
      throw error;
    });
    const wanted = wantedPath(request);
    await begin(user, request, reply);
    cookies.remember(reply, "");
    // The page then asks for a password of the user's own. Grafana's clients ignore the member.
    const isGenerated = user.id === users.first()?.id && (await firstPassword.isStill(password));
    return {
      message: "Logged in",
      redirectUrl: `${address.path}${wanted}`,
      ...(isGenerated && { narthexGeneratedPassword: true }),
    };
  });
  app.get("/login/link", needs("none"), async (request, reply) => {
    const first = users.named(settings["security.admin_user"]);
    const token = queryOf(request).get("token") ?? "";
    if (link === undefined || first === undefined || !isLocal(request) || !(await link.take(token))) {
      logger.warn("A login link was refused", { address: addressOf(request) });
      return reply.code(302).header("location", `${address.path}/login`).send();
    }
    await begin(first, request, reply);
    return reply.code(302).header("location", `${address.path}/`).header("referrer-policy", "no-referrer").send();
  });
  app.get("/logout", needs("none"), async (request, reply) => {
    const { session } = request;
    const target = settings["auth.signout_redirect_url"] || (await providerSignOut(session)) || `${address.path}/login`;
    if (session !== undefined) {
      await sessions.end(session);
      await oauthSessions.forget(session);
    }
    cookies.clear(reply);
    return reply.code(302).header("location", target).send();
  });
  app.route({
    ...needs("signed-in"),
    method: ["GET", "POST"],
    url: "/api/user/auth-tokens/rotate",
    async handler(request, reply) {
      if (request.session === undefined) throw unauthorized();
      const rotated = await sessions.rotate(request.session);
      if (rotated === undefined) throw unauthorized();
      const { session, newToken } = rotated;
      cookies.set(reply, newToken, session, sessions);
      return reply.code(200).send({ message: "Token rotated" });
    },
  });
}

/** Returns the path that the browser requested before it was redirected to the login. */
export const wantedPath = (request: FastifyRequest): string =>
  localPath(decoded(cookieOf(request, REDIRECT_COOKIE) ?? "")) ?? "/";

/**
 * Reports whether the client runs on this machine. A request with forwarding headers comes from a local proxy, whose
 * client may run elsewhere.
 */
const isLocal = ({ ip, headers }: FastifyRequest): boolean =>
  /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(ip) &&
  headers["x-forwarded-for"] === undefined &&
  headers["forwarded"] === undefined &&
  headers["x-real-ip"] === undefined;

/** Returns the credentials in a login request. The code is empty if the user has not entered one yet. */
function credentialsOf(request: FastifyRequest): Record<"name" | "password" | "code", string> {
  const { body } = request;
  const text = (key: string): string =>
    body instanceof FormFields ? (body.get(key) ?? "") : textAt(bodyOfRequest(request), key);
  return { name: text("user"), password: text("password"), code: text("code").trim() };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

declare module "fastify" {
  interface FastifyRequest {
    /** Whether a login with a correct password was refused only because it contains no two-step code yet. */
    isCodeMissing?: boolean;
  }
}
