import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { SecretBox } from "../secrets/secret-box.ts";
import type { Context } from "../context.ts";
import type { FrontendPart } from "../web/frontend-settings.ts";
import type { Stores } from "../state/stores.ts";
import { clientAddress, isFromThisMachine, isLoopbackHost } from "../web/client-address.ts";
import { type Accounts, openAccounts } from "./accounts.ts";
import type { Authenticator } from "./authenticators/authenticator.ts";
import { enabledAuthenticators } from "./authenticators/authenticators.ts";
import type { Settings } from "../settings/setting-table.ts";
import { SessionCookies } from "./sessions/cookies.ts";
import { guardRoutes } from "./guard.ts";
import { type PrincipalOf, principalsWith } from "./identity.ts";
import { identityRoutes } from "./identity-routes.ts";
import { openJwt } from "./jwt/jwt.ts";
import { openLdap } from "./ldap/ldap.ts";
import { LOGIN_LINK_VARIABLE, LoginLink } from "./sessions/login-link.ts";
import { FirstPassword } from "./passwords/first-password.ts";
import { LoginLimits } from "./passwords/login-limits.ts";
import { ReadLimits } from "./read-limit.ts";
import { ExternalSignIn } from "./external/external-sign-in.ts";
import { loginRoutes } from "./sessions/login-routes.ts";
import { sessionBeginner } from "./sessions/begin-session.ts";
import { openOAuth } from "./oauth/oauth.ts";
import type { Organization } from "./organization/organization.ts";
import { peopleRoutes } from "./users/people-routes.ts";
import { PasswordLogin } from "./passwords/password-login.ts";
import { takeReset } from "./passwords/password-reset.ts";
import { passkeySite } from "./passkeys/passkey-policy.ts";
import { demandRights, type GrantedActions } from "./rights.ts";
import { sameOriginCheck } from "./same-origin.ts";
import { takeSecondStepReset } from "./two-step/second-step-reset.ts";
import { openSecondSteps, secondStepRoutes } from "./two-step/second-steps.ts";
import { userRoutes } from "./users/user-routes.ts";
import type { ImportedUser } from "./users/imported-users.ts";

export interface Auth extends Feature, Accounts {
  /**
   * Adds a check to all routes. The check identifies the user of each request, and refuses users without the right that
   * the route requires.
   */
  guard(app: FastifyInstance): void;
  readonly grantedActions: GrantedActions;
  /** Returns the principal of an account, with its current rights. */
  readonly principalOf: PrincipalOf;
  /** Part of the page settings for the sign-in page. */
  readonly frontend: FrontendPart;
}

interface OpenAuthOptions {
  /** Users that are imported from a Grafana. */
  readonly users: readonly ImportedUser[];
  /** Seals stored secrets. */
  readonly box: SecretBox;
  /** Identifies the browser of a rendering. */
  readonly renderings: Authenticator;
}

/** Opens users and sessions, and adds their API. Throws SettingsError, and rejects with StoreError. */
export async function openAuth(
  context: Context,
  { store }: Stores,
  { users: earlier, box, renderings }: OpenAuthOptions,
): Promise<Auth> {
  const { clock, settings, address, host, dataFolder, logger } = context;
  const accounts = await openAccounts(context, store, earlier);
  const { users, sessions, teams, credentials, passwords, organization } = accounts;
  const cookies = new SessionCookies(settings, address);
  const addressOf = clientAddress(settings);
  const steps = await openSecondSteps({ store, box, clock, logger });
  const beforeLogin = async (): Promise<void> => {
    await takeReset({ folder: dataFolder, users, sessions, passwords, logger });
    await takeSecondStepReset(dataFolder, { users, sessions, ...steps, logger });
  };
  const limits = await LoginLimits.open(store, maxFailures(settings), clock.now());
  const readLimits = new ReadLimits(settings);
  const principalOf = principalsWith(teams, readLimits);
  const signIn = new ExternalSignIn({ users, credentials, teams, settings, clock });
  const ldap = await openLdap(context, signIn);
  const login = { users, credentials, sessions, clock, logger, limits, addressOf, ldap, beforeLogin, ...steps };
  const passwordLogin = new PasswordLogin(login);
  const begin = sessionBeginner(sessions, cookies);
  const oauth = await openOAuth(context, { store, box, signIn, cookies, begin, sessions, organization });
  const jwt = await openJwt({ settings, signIn, clock, principalOf, organization });
  const authenticators = enabledAuthenticators({
    ...accounts,
    settings,
    passwordLogin,
    cookies,
    principalOf,
    readLimits,
    signIn,
    begin,
    renderings,
    jwt: jwt?.authenticator,
    oauthSessions: oauth.sessions,
  });
  const site = passkeySite(settings, address);
  const link = LoginLink.of(host.env[LOGIN_LINK_VARIABLE], store, clock);
  const isSameOrigin = sameOriginCheck(settings, address);
  warnOfSettings(context, organization);
  await beforeLogin();
  let grantedActions: GrantedActions = () => [];
  return {
    name: "auth",
    ...accounts,
    principalOf,
    frontend: (request) => ({ ...oauth.frontend(), ...signInSettings(request, site?.rpId, context) }),
    grantedActions: (identity, mayAnywhere) => grantedActions(identity, mayAnywhere),
    guard(app) {
      grantedActions = demandRights(app);
      guardRoutes(app, { authenticators, cookies, addressOf, isSameOrigin, subPath: address.path });
    },
    async stop() {
      await oauth.close();
      await jwt?.close();
    },
    routes: ({ app }) => {
      const oauthSessions = oauth.sessions;
      loginRoutes(app, { context, users, sessions, cookies, passwordLogin, link, addressOf, begin, oauthSessions });
      oauth.routes(app);
      identityRoutes(app, { context, users, teams, cookies });
      peopleRoutes(app, { ...accounts, context, ...steps });
      secondStepRoutes(app, { ...login, ...steps, context, box, cookies, begin, site });
      userRoutes(app, { context, ...accounts, cookies, passwordLogin });
    },
  };
}

/**
 * Returns the settings of the sign-in page. The path of the file with the password of the first start is included as long
 * as the password is in use, and only for a browser on this machine: others must learn neither the path nor the fact. If
 * the public address is not on this machine, a proxy may forward requests of others.
 * @param rpId host to which passkeys belong; undefined without passkeys
 */
function signInSettings(
  request: FastifyRequest,
  rpId: string | undefined,
  { dataFolder, address }: Pick<Context, "dataFolder" | "address">,
): object {
  const { file, isInUse } = new FirstPassword(dataFolder);
  return {
    ...(rpId !== undefined && { narthexPasskeys: { rpId } }),
    ...(isLoopbackHost(address.host) && isFromThisMachine(request) && isInUse && { narthexFirstPassword: file }),
  };
}

/** Returns the number of failed logins of a user or sender after which more logins are refused. */
const maxFailures = (settings: Settings): number =>
  settings["security.disable_brute_force_login_protection"]
    ? Infinity
    : settings["security.brute_force_login_protection_max_attempts"];

/** Logs warnings about settings whose effect differs from what an operator may expect. */
function warnOfSettings({ settings, logger }: Context, { name }: Organization): void {
  const organization = settings["auth.anonymous.org_name"];
  if (settings["auth.anonymous.enabled"] && organization !== name) {
    logger.warn("auth.anonymous.org_name is not the name of the only organization: everyone sees that organization", {
      organization: name,
      named: organization,
    });
  }
  if (settings["auth.proxy.enabled"] && settings["auth.proxy.whitelist"].trim() === "") {
    logger.warn("auth.proxy.whitelist is empty: everyone who reaches this server can sign in as any user", {
      hint: "set the addresses of the proxies",
    });
  }
}
