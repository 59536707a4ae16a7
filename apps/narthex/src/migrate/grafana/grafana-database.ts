import { type GrafanaState, readGrafanaDatabase } from "@narthex/dashboards-app";

export interface StoredDashboard {
  readonly uid: string;
  readonly title: string;
  /** Titles of the folders that contain the dashboard, from the root down. */
  readonly folders: readonly string[];
  /** Whether Grafana's permissions hid the dashboard from viewers or protected it from editors. */
  readonly isForAdmins: boolean;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A data source in Grafana's database. Its encrypted secrets are not read. */
export interface StoredSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Names of the source's secrets. The values are not read. */
  readonly secrets: readonly string[];
}

/** Content of a Grafana database that can be migrated, and a summary of the content that cannot be migrated. */
export interface GrafanaContents {
  readonly dashboards: readonly StoredDashboard[];
  readonly sources: readonly StoredSource[];
  /** Titles of provisioned dashboards that Grafana's permissions hid from viewers or protected from editors. */
  readonly restrictedFiles: readonly string[];
  /** A message for each dashboard that cannot be read, with the reason. */
  readonly broken: readonly string[];
  /** Number of objects that are not migrated, by kind. Kinds without objects are omitted. */
  readonly others: Readonly<Record<string, number>>;
}

/** Error for a database that cannot be read. The message contains the reason. */
export class GrafanaDatabaseError extends Error {
  override readonly name = "GrafanaDatabaseError";
}

/** Names of objects that are not migrated, by their table in Grafana's database. */
const OTHERS: Readonly<Record<string, string>> = {
  api_key: "API keys and service accounts",
  alert_rule: "alert rules",
  playlist: "playlists",
  annotation: "annotations",
  dashboard_public: "public dashboards",
  dashboard_snapshot: "snapshots",
  star: "stars",
  preferences: "preferences",
  dashboard_version: "older versions of dashboards",
  org: "other organizations",
};

/**
 * Reads a grafana.db without changing it, even while Grafana runs. Skips provisioned dashboards, because their files are
 * read again. Throws GrafanaDatabaseError.
 */
export function grafanaContents(path: string): GrafanaContents {
  try {
    return contentsOf(readGrafanaDatabase(path, []));
  } catch (error) {
    throw new GrafanaDatabaseError(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

type Row = Readonly<Record<string, unknown>>;

function contentsOf({
  users,
  teams,
  folders,
  dashboards,
  sources,
  libraryPanels,
  left,
}: GrafanaState): GrafanaContents {
  const foldersByUid = new Map(folders.map((folder) => [folder.uid, folder]));
  /** Returns the titles of a folder and its parents. Stops at a folder that was already visited, in case of a cycle. */
  const pathOf = (uid: string): readonly string[] => {
    const path = new Map<string, string>();
    for (let at = foldersByUid.get(uid); at !== undefined && !path.has(at.uid); at = foldersByUid.get(at.parentUid))
      path.set(at.uid, at.title);
    return [...path.values()].toReversed();
  };
  const titled = dashboards.map((dashboard) => ({ ...dashboard, title: textOf(dashboard.json["title"]) }));
  const own = titled.filter(({ isProvisioned }) => !isProvisioned);
  const provisioned = titled.filter(({ isProvisioned }) => isProvisioned);
  const counts = Object.entries(OTHERS).map(([table, name]) => [name, left[table] ?? 0] as const);
  // Objects that are not migrated. The first user is not counted, because every Grafana has an administrator.
  const others = [["users", users.length - 1] as const, ["teams", teams.length] as const, ...counts].filter(
    ([, count]) => count > 0,
  );
  return {
    dashboards: own
      .filter(({ problem }) => problem === undefined)
      .map(({ uid, title, folderUid, isRestricted, json }) => ({
        uid,
        title,
        folders: pathOf(folderUid),
        isForAdmins: isRestricted,
        json: { ...(withElements(json, libraryPanels) as Row), id: null, uid, title },
      })),
    sources: sources.map(({ draft: { uid, name, type, ...settings }, lost }) => ({
      uid,
      name,
      type,
      settings: withoutEmpty({ ...settings, secureJsonData: {} }),
      secrets: lost,
    })),
    restrictedFiles: provisioned.filter(({ isRestricted }) => isRestricted).map(({ title }) => title),
    broken: own.flatMap(({ uid, title, problem }) => (problem === undefined ? [] : [`${title} (${uid}): ${problem}`])),
    others: Object.fromEntries(others),
  };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Replaces references to library panels by the panels themselves, because dashboard files have no library panels. */
function withElements(value: unknown, elements: ReadonlyMap<string, Row>): unknown {
  if (Array.isArray(value)) return value.map((item) => withElements(item, elements));
  if (typeof value !== "object" || value === null) return value;
  const { libraryPanel, ...own } = value as Record<string, unknown>;
  const model = elements.get(textOf((libraryPanel as Row | undefined)?.["uid"]));
  if (model !== undefined) return { ...model, ...picked(own, ["id", "gridPos"]) };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withElements(item, elements)]));
}

const picked = (from: Row, keys: readonly string[]): Row =>
  Object.fromEntries(keys.flatMap((key) => (key in from ? [[key, from[key]]] : [])));

const withoutEmpty = (settings: Row): Row =>
  Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== "" && value !== false && JSON.stringify(value) !== "{}"),
  );
