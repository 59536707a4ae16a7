import type { OrgRole } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { actionsOfAccount } from "../access/level-actions.ts";
import type { VisibleAccountsTo } from "../access/visible-accounts.ts";
import { type Action, isRole } from "../auth/levels.ts";
import { isAtLeast, needs, needsServiceAccount } from "../auth/rights.ts";
import { ORG } from "../auth/users/profile-view.ts";
import { type ServiceAccount, type ServiceAccounts } from "../auth/service-accounts.ts";
import type { Teams } from "../auth/teams.ts";
import { checkedRestriction, restrictionOf } from "../auth/tokens/token-restriction.ts";
import type { Token, Tokens } from "../auth/tokens/tokens.ts";
import { badRequest, namedRefusal, refusal } from "../web/refusal.ts";
import {
  type Body,
  bodyOfRequest,
  flagAt,
  numberAt,
  pageOf,
  pathParameter,
  queryOf,
  textAt,
  textsAt,
} from "../web/request-body.ts";

export interface ServiceAccountRoutesOptions {
  readonly serviceAccounts: ServiceAccounts;
  readonly tokens: Tokens;
  readonly teams: Teams;
  readonly clock: Clock;
  readonly visible: VisibleAccountsTo;
}

const READ = needsServiceAccount("edit", "serviceaccounts:read");
const CREATE = needs("admin", "serviceaccounts:create");
const WRITE = needsServiceAccount("edit", "serviceaccounts:write");
const DELETE = needsServiceAccount("admin", "serviceaccounts:delete");
const URL_PATH = "/api/serviceaccounts";

/** Adds the routes for service accounts and their tokens. */
export function serviceAccountRoutes(app: FastifyInstance, options: ServiceAccountRoutesOptions): void {
  accountRoutes(app, options);
  tokenRoutes(app, options);
}

/**
 * Returns the service account that the path names. Throws a refusal if it does not exist, or if the sender lacks the
 * level.
 */
const found = (
  { visible }: ServiceAccountRoutesOptions,
  request: FastifyRequest,
  action: Action = "edit",
): ServiceAccount => visible(request).account(Number(pathParameter(request, "id")), action);

/** Returns the role in a request body, or the fallback if it is missing. Throws a refusal for an unknown role. */
function roleIn(body: Body, fallback: OrgRole): OrgRole {
  const role = textAt(body, "role") || fallback;
  if (!isRole(role)) throw badRequest();
  return role;
}

function accountRoutes(app: FastifyInstance, options: ServiceAccountRoutesOptions): void {
  const { serviceAccounts, tokens, teams } = options;
  app.get(`${URL_PATH}/search`, READ, (request) => searchAccounts(options, request));
  app.post(URL_PATH, CREATE, async (request, reply) => {
    const body = bodyOfRequest(request);
    const draft = { name: textAt(body, "name"), role: roleIn(body, "Viewer"), isDisabled: flagAt(body, "isDisabled") };
    const account = await serviceAccounts.add(draft);
    return reply.code(201).send(details(account, options));
  });
  app.get(`${URL_PATH}/:id`, READ, (request) => {
    const account = found(options, request);
    return { ...details(account, options), ...rightsOn(account, options, request) };
  });
  app.patch(`${URL_PATH}/:id`, WRITE, async (request) => {
    const account = found(options, request);
    const body = bodyOfRequest(request);
    const role = roleIn(body, account.role);
    if (role !== account.role && !isAtLeast(request.principal.identity, role))
      throw refusal(403, "Cannot assign a role higher than user's role");
    const changed = await serviceAccounts.change(account, {
      ...(textAt(body, "name") === "" ? {} : { name: textAt(body, "name") }),
      role,
      ...(Object.hasOwn(body, "isDisabled") ? { isDisabled: flagAt(body, "isDisabled") } : {}),
    });
    const { id, name } = changed;
    return { id, name, message: "Service account updated", serviceaccount: details(changed, options) };
  });
  app.delete(`${URL_PATH}/:id`, DELETE, async (request) => {
    const account = found(options, request, "admin");
    await serviceAccounts.remove(account);
    await tokens.removeOfAccount(account.id);
    await teams.removeUser(account.id);
    return { message: "Service account deleted" };
  });
}

function searchAccounts(options: ServiceAccountRoutesOptions, request: FastifyRequest): object {
  const { visible, tokens } = options;
  const query = queryOf(request);
  const words = (query.get("query") ?? "").slice(0, 1000).toLowerCase();
  const isWanted = ({ id, name, login, isDisabled }: ServiceAccount): boolean =>
    (name.toLowerCase().includes(words) || login.includes(words)) &&
    (query.get("disabled") !== "true" || isDisabled) &&
    (query.get("expiredTokens") !== "true" || tokens.ofAccount(id).some((token) => tokens.isExpired(token)));
  const all = visible(request).list().filter(isWanted);
  const { shown, page, perPage } = pageOf(all, query);
  return {
    totalCount: all.length,
    serviceAccounts: shown.map((account) => ({
      ...summary(account, options),
      ...rightsOn(account, options, request),
    })),
    page,
    perPage,
  };
}

const summary = (
  { id, uid, name, login, role, isDisabled }: ServiceAccount,
  { tokens }: ServiceAccountRoutesOptions,
): object => ({
  id,
  uid,
  name,
  login,
  orgId: ORG.id,
  isDisabled,
  isExternal: false,
  role,
  avatarUrl: "",
  tokens: tokens.ofAccount(id).length,
});

/** Returns the sender's rights on a service account if the URL parameters ask for them. */
function rightsOn(
  account: ServiceAccount,
  { visible }: ServiceAccountRoutesOptions,
  request: FastifyRequest,
): { readonly accessControl?: object } {
  if (queryOf(request).get("accesscontrol") !== "true") return {};
  const seen = visible(request);
  const level = ([4, 2] as const).find((one) => seen.may(one === 4 ? "admin" : "edit", account)) ?? 0;
  return { accessControl: Object.fromEntries(actionsOfAccount(level).map((action) => [action, true])) };
}

const details = (account: ServiceAccount, options: ServiceAccountRoutesOptions): object => ({
  ...summary(account, options),
  teams: [...options.teams.ofUser(account.id)].flatMap((id) => options.teams.byId(id)?.name ?? []),
  createdAt: new Date(account.createdAt).toISOString(),
  updatedAt: new Date(account.updatedAt).toISOString(),
});

function tokenRoutes(app: FastifyInstance, options: ServiceAccountRoutesOptions): void {
  const { tokens, clock } = options;
  const url = `${URL_PATH}/:id/tokens`;
  app.get(url, READ, (request) =>
    tokens.ofAccount(found(options, request).id).map((token) => tokenView(token, clock.now())),
  );
  app.post(url, WRITE, async (request) => {
    const { id: accountId } = found(options, request);
    refuseLimited(request);
    const body = bodyOfRequest(request);
    const restriction = checkedRestriction(
      Object.hasOwn(body, "scopes") ? textsAt(body, "scopes") : undefined,
      Object.hasOwn(body, "matchers") ? textAt(body, "matchers") : undefined,
    );
    const seconds = numberAt(body, "secondsToLive") ?? 0;
    const { token, text } = await tokens.add(accountId, textAt(body, "name"), seconds, restriction);
    return { id: token.id, name: token.name, key: text };
  });
  app.delete(`${url}/:tokenId`, WRITE, async (request) => {
    const { id: accountId } = found(options, request);
    const isRemoved = await tokens.remove(accountId, Number(pathParameter(request, "tokenId")));
    if (!isRemoved) throw namedRefusal(404, "serviceaccounts.ErrTokenNotFound", "service account token not found");
    return { message: "API key deleted" };
  });
}

/**
 * Throws a refusal for a sender who may read only some series, because a token of the service account could read all
 * series.
 */
function refuseLimited({ principal: { identity } }: FastifyRequest): void {
  if (identity?.limit === undefined) return;
  throw refusal(403, "Your teams or your token limit which series you may read, so you cannot add tokens");
}

function tokenView({ id, name, created, expires, lastUsed, ...token }: Token, now: number): object {
  const time = (ms: number): string | null => (ms === 0 ? null : new Date(ms).toISOString());
  return {
    id,
    name,
    created: time(created),
    lastUsedAt: time(lastUsed),
    expiration: time(expires),
    secondsUntilExpiration: expires === 0 ? 0 : Math.max(0, (expires - now) / 1000),
    hasExpired: expires > 0 && expires <= now,
    isRevoked: false,
    ...restrictionOf(token),
  };
}
