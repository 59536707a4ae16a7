import type { Settings } from "../../settings/setting-table.ts";
import type { BeginSession } from "../sessions/begin-session.ts";
import type { SessionCookies } from "../sessions/cookies.ts";
import type { PrincipalOf } from "../identity.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import type { OAuthSessions } from "../oauth/oauth-sessions.ts";
import type { PasswordLogin } from "../passwords/password-login.ts";
import type { ReadLimits } from "../read-limit.ts";
import type { ServiceAccounts } from "../service-accounts.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Tokens } from "../tokens/tokens.ts";
import type { Users } from "../users/users.ts";
import { AnonymousAuthenticator } from "./anonymous-authenticator.ts";
import type { Authenticator } from "./authenticator.ts";
import { BasicAuthenticator } from "./basic-authenticator.ts";
import { ProxyAuthenticator } from "./proxy-authenticator.ts";
import { SessionAuthenticator } from "./session-authenticator.ts";
import { TokenAuthenticator } from "./token-authenticator.ts";

interface AuthenticatorsOptions {
  readonly settings: Settings;
  readonly passwordLogin: PasswordLogin;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly oauthSessions: OAuthSessions;
  readonly cookies: SessionCookies;
  readonly tokens: Tokens;
  readonly serviceAccounts: ServiceAccounts;
  readonly principalOf: PrincipalOf;
  readonly readLimits: ReadLimits;
  readonly signIn: ExternalSignIn;
  readonly begin: BeginSession;
  /** Identifies the browser of a rendering. */
  readonly renderings: Authenticator;
  /** Accepts JWTs; undefined if JWTs are disabled. */
  readonly jwt: Authenticator | undefined;
}

/** Returns the authenticators that the settings enable, in the order in which Grafana tries them. */
export function enabledAuthenticators(options: AuthenticatorsOptions): readonly Authenticator[] {
  const { settings, passwordLogin, principalOf, readLimits, jwt, renderings } = options;
  return [
    renderings,
    ...(jwt === undefined ? [] : [jwt]),
    new TokenAuthenticator(options),
    ...(settings["auth.basic.enabled"] ? [new BasicAuthenticator(passwordLogin, principalOf)] : []),
    ...(settings["auth.proxy.enabled"] ? [new ProxyAuthenticator(options)] : []),
    new SessionAuthenticator(options),
    ...(settings["auth.anonymous.enabled"]
      ? [new AnonymousAuthenticator(settings["auth.anonymous.org_role"], readLimits)]
      : []),
  ];
}
