export type Row = Readonly<Record<string, unknown>>;

export interface GrafanaPlace {
  readonly uid: string;
  /** Uid of the folder that contains this folder or dashboard; empty for the root. */
  readonly parentUid: string;
}

/** Uids of the folders and dashboards that Grafana's permissions hid from viewers or protected from editors. */
export interface RestrictedPlaces {
  readonly folders: ReadonlySet<string>;
  readonly dashboards: ReadonlySet<string>;
}

/** The rights of viewers and editors in a folder or dashboard: 0 for none, 1 for reading, 2 for changing. */
interface Levels {
  readonly viewer: number;
  readonly editor: number;
}

type Kind = "folders" | "dashboards";
type OwnLevels = (kind: Kind, uid: string, isAtRoot: boolean) => Levels;

const NOTHING: Levels = { viewer: 0, editor: 0 };
/** Grafana's rights for a folder or dashboard without explicit permissions. */
const DEFAULT: Levels = { viewer: 1, editor: 2 };

/**
 * Finds the folders and dashboards whose permissions are stricter than the default. By default, viewers can read and
 * editors can change. The highest permission on the path from the root to the dashboard counts. Permissions of single
 * users and teams are ignored.
 * @param rows returns all rows of a table; empty if the table does not exist
 * @param folders all folders, including provisioned ones
 */
export function restrictedPlaces(
  rows: (table: string) => readonly Row[],
  folders: Iterable<GrafanaPlace>,
  dashboards: Iterable<GrafanaPlace>,
): RestrictedPlaces {
  const ownLevels = hasRolePermissions(rows) ? rolePermissions(rows) : listedPermissions(rows);
  const parents = new Map([...folders].map(({ uid, parentUid }) => [uid, parentUid]));
  const levelsOf = (kind: Kind, uid: string, parentUid: string): Levels => {
    const seen = new Set<string>();
    let levels = ownLevels(kind, uid, !parents.has(parentUid));
    for (let next = parentUid; parents.has(next) && !seen.has(next); next = parents.get(next)!) {
      seen.add(next);
      levels = sum(levels, ownLevels("folders", next, !parents.has(parents.get(next)!)));
    }
    return levels;
  };
  const restricted = (kind: Kind, places: Iterable<GrafanaPlace>): ReadonlySet<string> =>
    new Set(
      [...places].flatMap(({ uid, parentUid }) => {
        const { viewer, editor } = levelsOf(kind, uid, parentUid);
        return viewer < DEFAULT.viewer || editor < DEFAULT.editor ? [uid] : [];
      }),
    );
  const all = [...parents].map(([uid, parentUid]) => ({ uid, parentUid }));
  return { folders: restricted("folders", all), dashboards: restricted("dashboards", dashboards) };
}

const sum = (a: Levels, b: Levels): Levels => ({
  viewer: Math.max(a.viewer, b.viewer),
  editor: Math.max(a.editor, b.editor),
});

/** Name of the migration with which Grafana 9 and later converts permission lists to permissions of roles. */
const MIGRATION = "dashboard permissions";
const SCOPE = /^(folders|dashboards):(?:(uid|id):)?(.+)$/;

function hasRolePermissions(rows: (table: string) => readonly Row[]): boolean {
  return (
    rows("migration_log").some((row) => row["migration_id"] === MIGRATION && Number(row["success"]) === 1) ||
    rows("permission").some((row) => SCOPE.test(textOf(row["scope"])))
  );
}

/** Reads the table `permission`, whose rows contain an action that a role may perform in a scope. */
function rolePermissions(rows: (table: string) => readonly Row[]): OwnLevels {
  const assigned = (role: string): ReadonlySet<unknown> =>
    new Set([
      ...rows("builtin_role").flatMap((row) => (row["role"] === role && isOfMain(row) ? [row["role_id"]] : [])),
      ...rows("role").flatMap((row) =>
        row["name"] === `managed:builtins:${role.toLowerCase()}:permissions` && isOfMain(row) ? [row["id"]] : [],
      ),
    ]);
  const [viewers, editors] = [assigned("Viewer"), assigned("Editor")];
  const uids = new Map(rows("dashboard").map((row) => [String(row["id"]), textOf(row["uid"])]));
  const found = new Map<string, Levels>();
  for (const row of rows("permission")) {
    const scope = textOf(row["scope"]);
    const [, kind, by, name = ""] = SCOPE.exec(scope) ?? [];
    if (kind === undefined && scope !== "*") continue;
    const level = levelOf(textOf(row["action"]));
    const viewer = viewers.has(row["role_id"]) ? level : 0;
    // A permission of viewers also applies to editors.
    const editor = editors.has(row["role_id"]) ? level : viewer;
    for (const place of kind === undefined
      ? ["folders/*", "dashboards/*"]
      : [`${kind}/${by === "id" ? uids.get(name) : name}`])
      found.set(place, sum(found.get(place) ?? NOTHING, { viewer, editor }));
  }
  return (kind, uid) => sum(found.get(`${kind}/${uid}`) ?? NOTHING, found.get(`${kind}/*`) ?? NOTHING);
}

/** Returns the right that an action on dashboards gives: reading or changing. Actions on permissions give neither. */
function levelOf(action: string): number {
  if (/^(?:dashboards:write|(?:folders|dashboards):(?:edit|admin))$/.test(action)) return 2;
  return /^(?:dashboards:read|(?:folders|dashboards):view)$/.test(action) ? 1 : 0;
}

/**
 * Reads the table `dashboard_acl`, which Grafana used before version 9. Its permissions are 1 for view, 2 for edit and
 * 4 for admin. A folder or dashboard at the root without entries has the default rights.
 */
function listedPermissions(rows: (table: string) => readonly Row[]): OwnLevels {
  const ids = new Map<string, unknown>();
  const hasList = new Set<unknown>();
  for (const row of rows("dashboard")) {
    if (!isOfMain(row)) continue;
    ids.set(`${isTrue(row["is_folder"]) ? "folders" : "dashboards"}/${textOf(row["uid"])}`, row["id"]);
    if (isTrue(row["has_acl"])) hasList.add(row["id"]);
  }
  const found = new Map<unknown, Levels>();
  for (const row of rows("dashboard_acl")) {
    const id = row["dashboard_id"];
    const level = Math.min(2, Number(row["permission"]));
    const [viewer, editor] = ["Viewer", "Editor"].map((role) => (textOf(row["role"]) === role ? level : 0)) as [
      number,
      number,
    ];
    hasList.add(id);
    found.set(id, sum(found.get(id) ?? NOTHING, { viewer, editor: Math.max(viewer, editor) }));
  }
  return (kind, uid, isAtRoot) => {
    const id = ids.get(`${kind}/${uid}`);
    if (hasList.has(id)) return found.get(id) ?? NOTHING;
    return isAtRoot ? DEFAULT : NOTHING;
  };
}

const isOfMain = (row: Row): boolean => [undefined, null, 0, 1].includes(row["org_id"] as number | null | undefined);

const isTrue = (value: unknown): boolean => value === 1 || value === "1" || value === "true";

/** Returns a column's text. Depending on the driver, the column contains it as text or as bytes. */
const textOf = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString() : typeof value === "string" ? value : "";
