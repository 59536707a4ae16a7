import type { Feature } from "@narthex/http";
import { invariant } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../context.ts";
import type { Stores } from "../state/stores.ts";
import { clientAddress } from "../web/client-address.ts";
import { accessDenied, Refusal, refusal, unauthorized } from "../web/refusal.ts";
import { accountRoutes } from "./account-routes.ts";
import { adminRoutes } from "./admin-routes.ts";
import { enabledAuthenticators } from "./authenticators/authenticators.ts";
import { identify } from "./authenticators/identify.ts";
import { SessionCookies } from "./cookies.ts";
import { principalsWith } from "./identity.ts";
import { LOGIN_LINK_VARIABLE, LoginLink } from "./login-link.ts";
import { LoginLimits } from "./login-limits.ts";
import { loginRoutes } from "./login-routes.ts";
import { ORG } from "./profile-view.ts";
import { PasswordLogin } from "./password-login.ts";
import { takeReset } from "./password-reset.ts";
import { demandRights, type GrantedActions, hasRight } from "./rights.ts";
import { sameOriginCheck } from "./same-origin.ts";
import { Sessions } from "./sessions.ts";
import { Teams } from "./teams.ts";
import { userRoutes } from "./user-routes.ts";
import { type NewUser, Users } from "./users.ts";

export interface Auth extends Feature {
  readonly users: Users;
  readonly teams: Teams;
  /**
   * Adds a check to all routes: identifies the user of each request, and refuses requests of users without the right
   * that the route requires.
   */
  guard(app: FastifyInstance): void;
  readonly grantedActions: GrantedActions;
  /** Number of sessions of signed-in browsers. */
  readonly sessionCount: number;
}

/**
 * Opens users and sessions, and adds their API. Rejects with StoreError.
 * @param earlier users that are imported from a Grafana
 */
export async function openAuth(
  context: Context,
  { store }: Stores,
  { users: earlier }: { readonly users: readonly NewUser[] },
): Promise<Auth> {
  const { clock, settings, address, host, dataFolder, logger } = context;
  const users = await Users.open(context, store, earlier);
  const teams = await Teams.open(store, clock);
  const sessions = await Sessions.open(store, clock, settings);
  const cookies = new SessionCookies(settings, address);
  const addressOf = clientAddress(settings);
  const beforeLogin = (): Promise<void> => takeReset({ folder: dataFolder, users, sessions, clock, logger });
  const most = settings["security.disable_brute_force_login_protection"]
    ? Infinity
    : settings["security.brute_force_login_protection_max_attempts"];
  const limits = await LoginLimits.open(store, most, clock.now());
  const passwordLogin = new PasswordLogin({ users, sessions, clock, logger, limits, addressOf, beforeLogin });
  const principalOf = principalsWith(teams);
  const authenticators = enabledAuthenticators({ settings, passwordLogin, users, sessions, cookies, principalOf });
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
    users,
    teams,
    get sessionCount() {
      return sessions.size;
    },
    grantedActions: (identity) => grantedActions(identity),
    guard(app) {
      grantedActions = demandRights(app);
      app.decorateRequest("session", undefined);
      app.decorateRequest("clientAddress", "");
      app.addHook("onRequest", async (request, reply) => {
        request.clientAddress = addressOf(request);
        if (request.is404) return undefined;
        if (!isSameOrigin(request)) throw refusal(403, "origin not allowed");
        const { right, action = "" } = request.routeOptions.config;
        invariant(right !== undefined, `${request.routeOptions.url} declares the right that it needs`);
        if (right === "open") return undefined;
        const principal = await identify(authenticators, request, reply).catch((error: unknown) => {
          if (right === "none" || (right === "page" && error instanceof Refusal)) return undefined;
          throw error;
        });
        if (principal !== undefined) request.principal = principal;
        if (hasRight(principal?.identity, right)) return undefined;
        if (right === "page") return leadToLogin(request, reply, cookies, address.path);
        if (principal === undefined || principal.kind === "anonymous") {
          throw unauthorized();
        }
        throw accessDenied(action);
      });
    },
    routes: ({ app }) => {
      loginRoutes(app, { context, users, sessions, cookies, passwordLogin, link, addressOf });
      adminRoutes(app, { context, users, sessions, teams });
      accountRoutes(app, { context, users, sessions, teams });
      userRoutes(app, { context, users, sessions, teams, cookies, passwordLogin });
    },
  };
}

function leadToLogin(
  request: FastifyRequest,
  reply: FastifyReply,
  cookies: SessionCookies,
  subPath: string,
): FastifyReply {
  cookies.remember(reply, request.url);
  return reply.code(302).header("location", `${subPath}/login`).send();
}
