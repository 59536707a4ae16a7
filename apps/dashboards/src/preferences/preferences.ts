import { readFile } from "node:fs/promises";
import type { Feature } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { accountIdOf } from "../auth/identity.ts";
import { needs, needsPlace } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import { dashboardUrl } from "../dashboards/dashboard-view.ts";
import { Documents } from "../state/documents.ts";
import { MEMORY_LIMITS } from "../state/memory-limit.ts";
import type { Stores } from "../state/stores.ts";
import { localPath } from "../web/local-path.ts";
import { refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, textAt } from "../web/request-body.ts";

/** The preferences of a user or of the organization. Preferences that are not set are empty. */
interface PreferenceRecord {
  readonly theme: string;
  readonly homeDashboardUID: string;
  readonly timezone: string;
  readonly weekStart: string;
  readonly language: string;
}

const KEYS = ["theme", "homeDashboardUID", "timezone", "weekStart", "language"] as const;
/** Preferences that the API stores and returns, but that the web pages ignore. */
const UNUSED = ["theme", "timezone", "weekStart", "language"] as const;
const NONE: PreferenceRecord = { theme: "", homeDashboardUID: "", timezone: "", weekStart: "", language: "" };
const ORG = "org";

const userKey = (request: FastifyRequest): string => `user/${accountIdOf(request)}`;

export async function openPreferences(context: Context, { store }: Stores, dashboards: Dashboards): Promise<Feature> {
  const records = await Documents.open<PreferenceRecord>(store, "preferences", { memory: MEMORY_LIMITS.preferences });
  const homePage = homePageOf(context);
  const warnedOf = new Set<string>();
  const changed = (before: PreferenceRecord, body: Body, request: FastifyRequest): PreferenceRecord => {
    const texts: Record<string, string> = { ...before };
    for (const name of KEYS) if (Object.hasOwn(body, name)) texts[name] = textAt(body, name);
    const preferences = texts as unknown as PreferenceRecord;
    if (!["", "dark", "light", "system"].includes(preferences.theme)) throw refusal(400, "Invalid theme");
    const home = preferences.homeDashboardUID;
    if (home !== "" && home !== before.homeDashboardUID) dashboards.visible(request).dashboard(home);
    return preferences;
  };
  const change = async (key: string, request: FastifyRequest, keepsRest: boolean): Promise<object> => {
    const body = bodyOfRequest(request);
    await records.update(key, (before = NONE) => changed(keepsRest ? before : NONE, body, request));
    const unused = UNUSED.filter((name) => textAt(body, name) !== "" && !warnedOf.has(name));
    if (unused.length > 0) {
      for (const name of unused) warnedOf.add(name);
      const hint = "each reader chooses theme, time zone and first day of the week in the browser";
      context.logger.warn("Preferences without effect were stored", { preferences: unused.join(", "), hint });
    }
    return { message: "Preferences updated" };
  };
  const preferenceRoutes = (
    app: FastifyInstance,
    url: string,
    right: ReturnType<typeof needs>,
    keyOf: (request: FastifyRequest) => string,
  ): void => {
    app.get(url, right, (request) => records.get(keyOf(request)) ?? NONE);
    app.put(url, right, (request) => change(keyOf(request), request, false));
    app.patch(url, right, (request) => change(keyOf(request), request, true));
  };
  return {
    name: "preferences",
    routes({ app }) {
      preferenceRoutes(app, "/api/user/preferences", needs("signed-in"), userKey);
      preferenceRoutes(app, "/api/org/preferences", needs("admin", "orgs.preferences:write"), () => ORG);
      app.get("/api/dashboards/home", needsPlace("view", "dashboards:read"), (request) => {
        const chosen = records.get(userKey(request))?.homeDashboardUID || (records.get(ORG)?.homeDashboardUID ?? "");
        const record = dashboards.store.byUid(chosen);
        const isSeen = record !== undefined && dashboards.visible(request).mayDashboard("view", record);
        if (isSeen) return { redirectUri: dashboardUrl(context.address, record) };
        return homePage === undefined ? homeOf(context) : { redirectUri: `${context.address.path}${homePage}` };
      });
    },
  };
}

/** Returns the path in `users.home_page`. Returns undefined if it is not set, or if it leads to another site. */
function homePageOf({ settings, logger }: Context): string | undefined {
  const path = settings["users.home_page"];
  if (path === "") return undefined;
  const local = localPath(path.startsWith("/") ? path : `/${path}`);
  if (local === undefined) logger.warn("users.home_page is not a path on this server", { path });
  // With the path `/`, the home page would redirect to itself.
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
