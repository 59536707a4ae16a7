import type { Principal } from "@narthex/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { SessionCookies } from "../sessions/cookies.ts";
import type { PrincipalOf } from "../identity.ts";
import type { OAuthSessions } from "../oauth/oauth-sessions.ts";
import type { FoundSession, Session, Sessions } from "../sessions/sessions.ts";
import type { Users } from "../users/users.ts";
import type { Authenticator } from "./authenticator.ts";

interface SessionAuthenticatorParts {
  readonly cookies: SessionCookies;
  readonly sessions: Sessions;
  readonly users: Users;
  readonly oauthSessions: OAuthSessions;
  readonly principalOf: PrincipalOf;
}

/** Identifies users by the session cookie. Sends a cookie with a new token when the session's token is old. */
export class SessionAuthenticator implements Authenticator {
  readonly #parts: SessionAuthenticatorParts;

  constructor(parts: SessionAuthenticatorParts) {
    this.#parts = parts;
  }

  async identify(request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined> {
    const { cookies, sessions, users, principalOf } = this.#parts;
    const token = cookies.tokenOf(request);
    const find = (text: string): Promise<FoundSession | undefined> =>
      request.keepsSession ? sessions.look(text) : sessions.find(text);
    const found = token === undefined || token === "" ? undefined : await find(token);
    if (found === undefined) return undefined;
    const user = users.byId(found.session.userId);
    if (user === undefined || user.isDisabled) return undefined;
    if (!(await this.#parts.oauthSessions.isAllowed(found.session))) return undefined;
    request.session = found.session;
    if (found.newToken !== undefined) cookies.set(reply, found.newToken, found.session, sessions);
    // Reads the user again, because a refresh at the session's OAuth provider may have changed the user's role.
    return principalOf(users.byId(user.id) ?? user);
  }
}

declare module "fastify" {
  interface FastifyRequest {
    session: Session | undefined;
    /** Whether this request must not renew the session's token, because the browser would not receive the new token. */
    keepsSession: boolean;
  }
}
