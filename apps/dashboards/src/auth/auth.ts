import type { Feature } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import type { Stores } from "../state/stores.ts";
import { clientAddress } from "../web/client-address.ts";
import { type Accounts, openAccounts } from "./accounts.ts";
import { accountRoutes } from "./account-routes.ts";
import { adminRoutes } from "./admin-routes.ts";
import { enabledAuthenticators } from "./authenticators/authenticators.ts";
import { SessionCookies } from "./cookies.ts";
import { guardRoutes } from "./guard.ts";
import { principalsWith } from "./identity.ts";
import { LOGIN_LINK_VARIABLE, LoginLink } from "./login-link.ts";
import { LoginLimits } from "./login-limits.ts";
import { loginRoutes } from "./login-routes.ts";
import { ORG } from "./profile-view.ts";
import { PasswordLogin } from "./password-login.ts";
import { takeReset } from "./password-reset.ts";
import { demandRights, type GrantedActions } from "./rights.ts";
import { sameOriginCheck } from "./same-origin.ts";
import { userRoutes } from "./user-routes.ts";
import type { ImportedUser } from "./imported-users.ts";

export interface Auth extends Feature, Accounts {
  /**
   * Adds a check to all routes: identifies the user of each request, and refuses requests of users without the right
   * that the route requires.
   */
  guard(app: FastifyInstance): void;
  readonly grantedActions: GrantedActions;
}

/**
 * Opens users and sessions, and adds their API. Rejects with StoreError.
 * @param earlier users that are imported from a Grafana
 */
export async function openAuth(
  context: Context,
  { store }: Stores,
  { users: earlier }: { readonly users: readonly ImportedUser[] },
): Promise<Auth> {
  const { clock, settings, address, host, dataFolder, logger } = context;
  const accounts = await openAccounts(context, store, earlier);
  const { users, sessions, teams, credentials, passwords } = accounts;
  const cookies = new SessionCookies(settings, address);
  const addressOf = clientAddress(settings);
  const beforeLogin = (): Promise<void> => takeReset({ folder: dataFolder, users, sessions, passwords, logger });
  const most = settings["security.disable_brute_force_login_protection"]
    ? Infinity
    : settings["security.brute_force_login_protection_max_attempts"];
  const limits = await LoginLimits.open(store, most, clock.now());
  const passwordLogin = new PasswordLogin({
    users,
    credentials,
    sessions,
    clock,
    logger,
    limits,
    addressOf,
    beforeLogin,
  });
  const principalOf = principalsWith(teams);
  const authenticators = enabledAuthenticators({ ...accounts, settings, passwordLogin, cookies, principalOf });
  const link = LoginLink.of(host.env[LOGIN_LINK_VARIABLE], store, clock);
  const isSameOrigin = sameOriginCheck(settings, address);
  const organization = settings["auth.anonymous.org_name"];
  if (settings["auth.anonymous.enabled"] && organization !== ORG.name) {
    logger.warn("auth.anonymous.org_name is not the name of the only organization: everyone sees that organization", {
      organization: ORG.name,
      named: organization,
    });
  }
  await beforeLogin();
  let grantedActions: GrantedActions = () => [];
  return {
    name: "auth",
    ...accounts,
    grantedActions: (identity, mayAnywhere) => grantedActions(identity, mayAnywhere),
    guard(app) {
      grantedActions = demandRights(app);
      guardRoutes(app, { authenticators, cookies, addressOf, isSameOrigin, subPath: address.path });
    },
    routes: ({ app }) => {
      loginRoutes(app, { context, users, sessions, cookies, passwordLogin, link, addressOf });
      adminRoutes(app, { context, users, sessions, teams, passwords });
      accountRoutes(app, { context, users, sessions, teams });
      userRoutes(app, { context, users, sessions, teams, cookies, passwordLogin, passwords });
    },
  };
}
