import type { FastifyInstance } from "fastify";
import { needs } from "../auth/rights.ts";
import type { Auth } from "../auth/auth.ts";
import { lastSeen } from "../auth/users/profile-view.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Sources } from "../datasources/sources.ts";
import { type SettingKey, SETTINGS, splitKey } from "../settings/setting-table.ts";

export interface ServerInfo {
  readonly auth: Auth;
  readonly dashboards: Dashboards;
  readonly sources: Sources;
  readonly playlists: Counted;
  readonly snapshots: Counted;
}

/** A feature that reports how many records it has stored. */
export interface Counted {
  readonly count: () => number;
}

/** Time in ms after which a user without activity is counted as inactive: 30 days, as in Grafana. */
const ACTIVE_MS = 30 * 24 * 60 * 60_000;

/** Adds the routes with which the server's admins read the settings and the numbers of stored objects. */
export function serverInfoRoutes(app: FastifyInstance, context: Context, info: ServerInfo): void {
  app.get("/api/admin/settings", needs("server-admin", "settings:read"), () => shownSettings(context));
  app.get("/api/admin/stats", needs("server-admin", "server.stats:read"), () => countsOf(context, info));
}

/** Returns all settings by section, as texts. Secrets that are set are shown as stars. */
function shownSettings({ settings }: Context): Record<string, Record<string, string>> {
  const sections = new Map<string, [string, string][]>();
  for (const key of Object.keys(SETTINGS) as SettingKey[]) {
    const [section, name] = splitKey(key);
    const text = String(settings[key]);
    const shown = SETTINGS[key].isSecret && text !== "" ? "*********" : text;
    sections.set(section, [...(sections.get(section) ?? []), [name, shown]]);
  }
  return Object.fromEntries([...sections].map(([section, values]) => [section, Object.fromEntries(values)]));
}

function countsOf({ clock }: Context, { auth, dashboards, sources, playlists, snapshots }: ServerInfo): object {
  const users = [...auth.users.values()];
  const having = (role: "Admin" | "Editor" | "Viewer"): number => users.filter((user) => user.role === role).length;
  const tags = new Set([...dashboards.store.values()].flatMap((record) => record.tags));
  return {
    orgs: 1,
    dashboards: dashboards.store.size,
    folders: [...dashboards.folders.values()].length,
    tags: tags.size,
    datasources: sources.store.list().length,
    stars: dashboards.stars.size,
    playlists: playlists.count(),
    snapshots: snapshots.count(),
    // The number of alerts is always 0, because alerts belong to the server and the Alertmanager.
    alerts: 0,
    users: users.length,
    admins: having("Admin"),
    editors: having("Editor"),
    viewers: having("Viewer"),
    activeUsers: users.filter((user) => clock.now() - lastSeen(user, auth.sessions.ofUser(user.id)) < ACTIVE_MS).length,
    activeSessions: auth.sessions.size,
  };
}
