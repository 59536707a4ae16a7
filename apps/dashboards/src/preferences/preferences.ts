import { readFile } from "node:fs/promises";
import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { accountIdOf } from "../auth/identity.ts";
import { needs, needsPlace } from "../auth/rights.ts";
import type { Teams } from "../auth/teams.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import { dashboardUrl } from "../dashboards/dashboard-view.ts";
import { Documents } from "../state/documents.ts";
import { MEMORY_LIMITS } from "../state/memory-limit.ts";
import type { Stores } from "../state/stores.ts";
import { ownTeam, seenTeam } from "../teams/team-access.ts";
import { localPath } from "../web/local-path.ts";
import { type Body, bodyOfRequest, textAt } from "../web/request-body.ts";
import { changedPreferences, NONE, type PreferenceRecord, preferencesView } from "./preference-record.ts";

/** Preferences that the API stores and returns, but that the web pages ignore. */
const UNUSED = ["theme", "timezone", "weekStart", "language"] as const;
const ORG = "org";
const UPDATED = { message: "Preferences updated" };

const userKey = (request: FastifyRequest): string => `user/${accountIdOf(request)}`;

interface PreferencesOptions {
  readonly dashboards: Dashboards;
  readonly teams: Teams;
}

export async function openPreferences(
  context: Context,
  { store }: Stores,
  { dashboards, teams }: PreferencesOptions,
): Promise<Feature> {
  const records = await Documents.open<PreferenceRecord>(store, "preferences", { memory: MEMORY_LIMITS.preferences });
  const homePage = homePageOf(context);
  const warnOfUnused = unusedWarner(context);
  const changed = changeWith(dashboards);
  const change = async (key: string, request: FastifyRequest, keepsRest: boolean): Promise<object> => {
    const body = bodyOfRequest(request);
    await records.update(key, (before = NONE) => changed(request, { before, rest: keepsRest ? before : NONE, body }));
    warnOfUnused(body);
    return UPDATED;
  };
  const preferenceRoutes = (
    app: FastifyInstance,
    url: string,
    right: ReturnType<typeof needs>,
    keyOf: (request: FastifyRequest) => string,
  ): void => {
    app.get(url, right, (request) => preferencesView(records.get(keyOf(request))));
    app.put(url, right, (request) => change(keyOf(request), request, false));
    app.patch(url, right, (request) => change(keyOf(request), request, true));
  };
  /**
   * Returns the home dashboard of the user, otherwise of the user's oldest team that has one, otherwise of the
   * organization.
   */
  const homeFor = (request: FastifyRequest): string => {
    const ofTeams = [...teams.ofUser(accountIdOf(request))].toSorted((a, b) => a - b);
    const preferences = [
      records.get(userKey(request)),
      ...ofTeams.map((id) => teams.byId(id)?.preferences),
      records.get(ORG),
    ];
    return preferences.map((one) => one?.homeDashboardUID ?? "").find((uid) => uid !== "") ?? "";
  };
  return {
    name: "preferences",
    routes({ app }) {
      preferenceRoutes(app, "/api/user/preferences", needs("signed-in"), userKey);
      preferenceRoutes(app, "/api/org/preferences", needs("admin", "orgs.preferences:write"), () => ORG);
      teamRoutes(app, { teams, changed, warnOfUnused });
      app.get("/api/dashboards/home", needsPlace("view", "dashboards:read"), (request) => {
        const record = dashboards.store.byUid(homeFor(request));
        const isSeen = record !== undefined && dashboards.visible(request).mayDashboard("view", record);
        if (isSeen) return { redirectUri: dashboardUrl(context.address, record) };
        return homePage === undefined ? homeOf(context) : { redirectUri: `${context.address.path}${homePage}` };
      });
    },
  };
}

/** Returns the preferences after a request has changed them. Throws a refusal if the request is invalid. */
type Change = (
  request: FastifyRequest,
  change: { readonly before: PreferenceRecord; readonly rest: PreferenceRecord; readonly body: Body },
) => PreferenceRecord;

/**
 * Returns a function that applies a request body to preferences; `rest` provides the values that the body does not
 * contain. The sender must have the right to view a new home dashboard.
 */
const changeWith =
  (dashboards: Dashboards): Change =>
  (request, { before, rest, body }) => {
    const preferences = changedPreferences(rest, body);
    const home = preferences.homeDashboardUID;
    if (home !== "" && home !== before.homeDashboardUID) dashboards.visible(request).dashboard(home);
    return preferences;
  };

/**
 * Returns a function that logs a warning, once for each preference, if a request body contains preferences that the
 * pages ignore.
 */
function unusedWarner({ logger }: Context): (body: Body) => void {
  const warnedOf = new Set<string>();
  return (body) => {
    const unused = UNUSED.filter((name) => textAt(body, name) !== "" && !warnedOf.has(name));
    if (unused.length === 0) return;
    for (const name of unused) warnedOf.add(name);
    const hint = "each reader chooses theme, time zone and first day of the week in the browser";
    logger.warn("Preferences without effect were stored", { preferences: unused.join(", "), hint });
  };
}

interface TeamRoutesOptions {
  readonly teams: Teams;
  readonly changed: Change;
  readonly warnOfUnused: (body: Body) => void;
}

/** Adds the routes for the preferences of teams. Members read them, and admins of a team change them. */
function teamRoutes(app: FastifyInstance, { teams, changed, warnOfUnused }: TeamRoutesOptions): void {
  const url = "/api/teams/:id/preferences";
  app.get(url, needs("signed-in", "teams:read"), (request) => preferencesView(seenTeam(teams, request).preferences));
  app.put(url, needs("signed-in", "teams:write"), async (request) => {
    const team = ownTeam(teams, request);
    const body = bodyOfRequest(request);
    await teams.change(team, ({ preferences: before = NONE }) => ({
      preferences: changed(request, { before, rest: NONE, body }),
    }));
    warnOfUnused(body);
    return UPDATED;
  });
}

/**
 * Returns the path of the home page in the setting `users.home_page`. Returns undefined if it is not set, or if it
 * leads to another site.
 */
function homePageOf({ settings, logger }: Context): string | undefined {
  const path = settings["users.home_page"];
  if (path === "") return undefined;
  const local = localPath(path.startsWith("/") ? path : `/${path}`);
  if (local === undefined) logger.warn("users.home_page is not a path on this server", { path });
  // Ignores the path `/` as a home page, because it would redirect to itself.
  return local === "/" ? undefined : local;
}

const EMPTY_HOME = { title: "Home", panels: [], schemaVersion: 42, time: { from: "now-6h", to: "now" } };

/**
 * Returns the dashboard of the home page: the configured file, otherwise an empty dashboard. The pages show lists
 * instead of an empty dashboard.
 */
async function homeOf({ settings, logger }: Context): Promise<object> {
  const meta = { isHome: true, canEdit: false, canSave: false, canStar: false, slug: "", folderTitle: "Dashboards" };
  const path = settings["dashboards.default_home_dashboard_path"];
  if (path === "") return { meta, dashboard: EMPTY_HOME };
  try {
    return { meta, dashboard: JSON.parse(await readFile(path, "utf8")) as unknown };
  } catch (error) {
    logger.warn("dashboards.default_home_dashboard_path cannot be shown", { file: path, err: error });
    return { meta, dashboard: EMPTY_HOME };
  }
}
