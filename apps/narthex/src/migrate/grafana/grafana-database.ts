import { DatabaseSync } from "node:sqlite";
import { restrictedPlaces } from "@narthex/dashboards-app";

/** A dashboard in Grafana's database. */
export interface StoredDashboard {
  readonly uid: string;
  readonly title: string;
  /** Titles of the folders that contain it, the outermost first. */
  readonly folders: readonly string[];
  /** Whether permissions prevented viewers from seeing it or editors from changing it. */
  readonly isForAdmins: boolean;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A data source in the database. Its secrets are encrypted and are not read. */
export interface StoredSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Names of its secrets, without their values. */
  readonly secrets: readonly string[];
}

/** Content of a Grafana database that can be migrated, and a summary of the rest. */
export interface GrafanaContents {
  readonly dashboards: readonly StoredDashboard[];
  readonly sources: readonly StoredSource[];
  /** Titles of provisioned dashboards that permissions prevented viewers from seeing or editors from changing. */
  readonly restrictedFiles: readonly string[];
  /** Dashboards that cannot be read, each with the reason, as sentences. */
  readonly broken: readonly string[];
  /** Number of rows that are not migrated, by kind; kinds with 0 rows are left out. */
  readonly others: Readonly<Record<string, number>>;
}

/** Thrown if a database cannot be read. The message contains the reason. */
export class GrafanaDatabaseError extends Error {
  override readonly name = "GrafanaDatabaseError";
}

/** Id of the organization whose dashboards are migrated, because Narthex has only one organization. */
const MAIN = 1;

/** Queries that count rows of Grafana's tables that are not migrated, by the kind of the rows. */
const COUNTED: Readonly<Record<string, string>> = {
  users: "SELECT count(*) AS n FROM user WHERE id > 1",
  teams: "SELECT count(*) AS n FROM team",
  "API keys and service accounts": "SELECT count(*) AS n FROM api_key",
  "alert rules": "SELECT count(*) AS n FROM alert_rule",
  playlists: "SELECT count(*) AS n FROM playlist",
  annotations: "SELECT count(*) AS n FROM annotation WHERE alert_id IS NULL OR alert_id = 0",
  "dashboards of other organizations": `SELECT count(*) AS n FROM dashboard WHERE org_id <> ${MAIN} AND is_folder = 0`,
};

/**
 * Reads a grafana.db without changing it, even while Grafana runs. Skips provisioned objects, because their files are
 * read again. Throws GrafanaDatabaseError.
 */
export function readGrafanaDatabase(path: string): GrafanaContents {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    return new Reader(database).contents();
  } catch (error) {
    throw new GrafanaDatabaseError(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    database?.close();
  }
}

type Row = Readonly<Record<string, unknown>>;

class Reader {
  readonly #database: DatabaseSync;
  readonly #columns = new Map<string, ReadonlySet<string>>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  contents(): GrafanaContents {
    if (!this.#has("dashboard", "data")) throw new Error("it has no table of dashboards, as Grafana's have");
    const broken: string[] = [];
    const restrictedFiles: string[] = [];
    const dashboards = this.#dashboards(broken, restrictedFiles);
    const others = Object.entries(COUNTED).flatMap(([name, query]) => {
      const table = / FROM (\w+)/.exec(query)![1]!;
      const count = this.#has(table) ? Number(this.#rows(query)[0]!["n"]) : 0;
      return count === 0 ? [] : [[name, count] as const];
    });
    return { dashboards, sources: this.#sources(), restrictedFiles, broken, others: Object.fromEntries(others) };
  }

  #rows(query: string): readonly Row[] {
    return this.#database.prepare(query).all();
  }

  /**
   * Reports whether the database has a table, and in it a column if one is named. The tables depend on Grafana's
   * version.
   */
  #has(table: string, column?: string): boolean {
    let columns = this.#columns.get(table);
    if (columns === undefined) {
      columns = new Set(this.#rows(`PRAGMA table_info("${table}")`).map(({ name }) => String(name)));
      this.#columns.set(table, columns);
    }
    return column === undefined ? columns.size > 0 : columns.has(column);
  }

  #dashboards(broken: string[], restrictedFiles: string[]): readonly StoredDashboard[] {
    const folders = this.#folders();
    const elements = this.#elements();
    const restricted = this.#restricted(folders);
    const provided = this.#has("dashboard_provisioning")
      ? new Set(this.#rows("SELECT dashboard_id FROM dashboard_provisioning").map((row) => row["dashboard_id"]))
      : new Set();
    const present = this.#has("dashboard", "deleted") ? " AND deleted IS NULL" : "";
    const rows = this.#rows(`SELECT * FROM dashboard WHERE is_folder = 0 AND org_id = ${MAIN}${present} ORDER BY id`);
    return rows.flatMap((row): StoredDashboard[] => {
      const [title, uid] = [textOf(row["title"]), textOf(row["uid"])];
      if (provided.has(row["id"])) {
        if (restricted.has(uid)) restrictedFiles.push(title);
        return [];
      }
      try {
        const json = objectOf(row["data"]);
        const own = { ...(withElements(json, elements) as Row), id: null, uid, title };
        return [{ uid, title, folders: folders.pathOf(row), isForAdmins: restricted.has(uid), json: own }];
      } catch (error) {
        broken.push(`${title} (${uid}): ${(error as Error).message}`);
        return [];
      }
    });
  }

  /** Returns the uids of dashboards that some users could not view or change. */
  #restricted(folders: FolderTree): ReadonlySet<string> {
    const rows = (table: string): readonly Row[] => (this.#has(table) ? this.#rows(`SELECT * FROM "${table}"`) : []);
    const dashboards = this.#rows(`SELECT * FROM dashboard WHERE is_folder = 0 AND org_id = ${MAIN}`).map((row) => ({
      uid: textOf(row["uid"]),
      parentUid: folders.uidOf(row) ?? "",
    }));
    return restrictedPlaces(rows, folders.places(), dashboards).dashboards;
  }

  #folders(): FolderTree {
    const legacy = this.#rows(`SELECT id, uid, title FROM dashboard WHERE is_folder = 1 AND org_id = ${MAIN}`);
    const nested = this.#has("folder", "parent_uid")
      ? this.#rows(`SELECT uid, title, parent_uid FROM folder WHERE org_id = ${MAIN}`)
      : [];
    return new FolderTree(legacy, nested);
  }

  /** Returns the library panels by uid. */
  #elements(): ReadonlyMap<string, Row> {
    if (!this.#has("library_element", "model")) return new Map();
    const rows = this.#rows(`SELECT uid, model FROM library_element WHERE org_id = ${MAIN}`);
    return new Map(
      rows.flatMap((row) => {
        try {
          return [[textOf(row["uid"]), objectOf(row["model"])] as const];
        } catch {
          return []; // panels of it stay empty, as they are in Grafana
        }
      }),
    );
  }

  #sources(): readonly StoredSource[] {
    if (!this.#has("data_source", "name")) return [];
    return this.#rows(`SELECT * FROM data_source WHERE org_id = ${MAIN} ORDER BY id`).map((row) => {
      const settings: Record<string, unknown> = {
        access: textOf(row["access"]) || "proxy",
        url: textOf(row["url"]),
        user: textOf(row["user"]),
        database: textOf(row["database"]),
        basicAuth: Number(row["basic_auth"]) === 1,
        basicAuthUser: textOf(row["basic_auth_user"]),
        withCredentials: Number(row["with_credentials"]) === 1,
        isDefault: Number(row["is_default"]) === 1,
        jsonData: jsonOr(row["json_data"], {}),
      };
      const sealed = Object.keys(jsonOr(row["secure_json_data"], {}));
      const name = textOf(row["name"]);
      return {
        uid: textOf(row["uid"]),
        name,
        type: textOf(row["type"]),
        settings: withoutEmpty(settings),
        secrets: sealed,
      };
    });
  }
}

/** The folders. Old versions of Grafana refer to them by id, newer ones by uid. */
class FolderTree {
  readonly #titles = new Map<string, string>();
  readonly #parents = new Map<string, string>();
  readonly #uids = new Map<unknown, string>();

  constructor(legacy: readonly Row[], nested: readonly Row[]) {
    for (const { id, uid, title } of legacy) {
      this.#titles.set(textOf(uid), textOf(title));
      this.#uids.set(id, textOf(uid));
    }
    for (const { uid, title, parent_uid: parent } of nested) {
      this.#titles.set(textOf(uid), textOf(title));
      if (textOf(parent) !== "") this.#parents.set(textOf(uid), textOf(parent));
    }
  }

  /** Returns all folders. */
  places(): readonly { readonly uid: string; readonly parentUid: string }[] {
    return [...this.#titles.keys()].map((uid) => ({ uid, parentUid: this.#parents.get(uid) ?? "" }));
  }

  /** Returns the uid of a dashboard's folder; undefined if the dashboard is in no folder. */
  uidOf(dashboard: Row): string | undefined {
    const given = textOf(dashboard["folder_uid"]);
    return given === "" ? this.#uids.get(dashboard["folder_id"]) : given;
  }

  pathOf(dashboard: Row): readonly string[] {
    let uid = this.uidOf(dashboard);
    const path: string[] = [];
    for (const seen = new Set<string>(); uid !== undefined && !seen.has(uid); uid = this.#parents.get(uid)) {
      seen.add(uid);
      const title = this.#titles.get(uid);
      if (title !== undefined) path.unshift(title);
    }
    return path;
  }
}

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

const textOf = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString() : typeof value === "string" ? value : "";

function objectOf(value: unknown): Row {
  const json = JSON.parse(textOf(value)) as unknown;
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error("it is no JSON object");
  return json as Row;
}

function jsonOr(value: unknown, fallback: Row): Row {
  try {
    return objectOf(value);
  } catch {
    return fallback;
  }
}

const withoutEmpty = (settings: Row): Row =>
  Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== "" && value !== false && JSON.stringify(value) !== "{}"),
  );
