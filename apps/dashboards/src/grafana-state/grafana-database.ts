import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { JsonObject } from "@narthex/dashboards";
import type { TeamMember } from "../auth/teams.ts";
import { isProvider, isSubject } from "../auth/credentials/credential.ts";
import type { ImportedUser } from "../auth/users/imported-users.ts";
import type { PasswordHash } from "../auth/passwords/passwords.ts";
import type { User } from "../auth/users/users.ts";
import type { DashboardJson } from "../dashboards/dashboard-record.ts";
import type { SourceDraft } from "../datasources/source-record.ts";
import { isObject } from "../web/request-body.ts";
import { isTrue, roleOf, type Row, textOf } from "./grafana-rows.ts";
import { GrafanaSecretError, GrafanaSecrets } from "./grafana-secrets.ts";
import { customRoles, GrafanaPermissions, isRestrictedInGrafana, type PlaceRights } from "./grafana-permissions.ts";
import { type GrafanaServiceAccount, readServiceAccounts } from "./grafana-service-accounts.ts";

/** A user of Grafana. */
export interface GrafanaUser {
  /** Id in Grafana's database. */
  readonly id: number;
  /** Whether the user belongs to the first organization. Others cannot have permissions in it. */
  readonly isMember: boolean;
  readonly draft: Omit<User, "id" | "uid" | "createdAt" | "updatedAt">;
  readonly password: PasswordHash | undefined;
  /** The accounts of other systems with which the user signs in. */
  readonly external: ImportedUser["external"];
}

/** A team of Grafana. Ids are those of Grafana's database. */
export interface GrafanaTeam {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly email: string;
  readonly members: readonly TeamMember[];
}

interface GrafanaFolder {
  readonly uid: string;
  readonly title: string;
  /** Uid of the parent folder; empty for the root. */
  readonly parentUid: string;
  readonly rights: PlaceRights;
}

interface GrafanaDashboard {
  readonly uid: string;
  /** Uid of the folder that contains the dashboard; empty for the root. */
  readonly folderUid: string;
  readonly json: DashboardJson;
  readonly rights: PlaceRights;
  /** Whether Grafana's permissions kept viewers from seeing the dashboard, or editors from changing it. */
  readonly isRestricted: boolean;
  /** Whether the dashboard was provisioned from a file. */
  readonly isProvisioned: boolean;
  /** The reason why the dashboard's JSON cannot be read. In this case `json` contains only the title. */
  readonly problem: string | undefined;
}

/** A data source, with the names of secrets that could not be decrypted. */
interface GrafanaSource {
  readonly draft: SourceDraft;
  readonly lost: readonly string[];
  /** Whether the source was provisioned from a file. */
  readonly isProvisioned: boolean;
}

/** The data that is read from Grafana's database. Only data of the first organization is read. */
export interface GrafanaState {
  readonly users: readonly GrafanaUser[];
  readonly serviceAccounts: readonly GrafanaServiceAccount[];
  readonly teams: readonly GrafanaTeam[];
  /** The folders, each after the folder that contains it. */
  readonly folders: readonly GrafanaFolder[];
  readonly dashboards: readonly GrafanaDashboard[];
  readonly sources: readonly GrafanaSource[];
  /** Library panels by uid. */
  readonly libraryPanels: ReadonlyMap<string, JsonObject>;
  /** Names of Grafana Enterprise's roles whose rights are not read. */
  readonly customRoles: readonly string[];
  /** Number of rows that are not imported, by table. Service accounts are counted apart from users. */
  readonly left: Readonly<Record<string, number>>;
}

/** Tables whose contents are not imported, because the dashboards server does not support these objects. */
const LEFT = [
  "alert_rule",
  "annotation",
  "dashboard_public",
  "dashboard_snapshot",
  "library_element",
  "playlist",
  "preferences",
  "star",
] as const;

/**
 * Reads Grafana's database file, of any version since 5, without changing it. Throws the error of node:sqlite if the
 * file is damaged or not a database, and an Error if it is not Grafana's.
 *
 * @param secretKeys values that `security.secret_key` may have had in Grafana
 */
export function readGrafanaDatabase(file: string, secretKeys: readonly string[]): GrafanaState {
  try {
    return stateOf(file, secretKeys, true);
  } catch (error) {
    if (!isHalfWritten(error)) throw error;
    // A Grafana that was killed has left an incomplete change. SQLite must roll this change back before reading, so a
    // copy is read to keep the original unchanged.
    const folder = mkdtempSync(join(dirname(file), ".grafana-copy-"));
    try {
      const copy = join(folder, basename(file));
      for (const suffix of ["", "-journal"]) copyFileSync(file + suffix, copy + suffix);
      return stateOf(copy, secretKeys, false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Time in ms to wait for a lock. A Grafana that is shutting down may lock the file for a moment. */
const BUSY_LIMIT_MS = 5000;

function stateOf(file: string, secretKeys: readonly string[], readOnly: boolean): GrafanaState {
  const database = new DatabaseSync(file, { readOnly, timeout: BUSY_LIMIT_MS });
  try {
    // All tables are read in one transaction, so that they are consistent with each other.
    database.exec("BEGIN");
    return new GrafanaTables(database).state(secretKeys);
  } finally {
    database.close();
  }
}

/** SQLite's error code SQLITE_READONLY_ROLLBACK: the database must be rolled back before it can be read. */
const HALF_WRITTEN = 776;

function isHalfWritten(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === HALF_WRITTEN;
}

class GrafanaTables {
  readonly #database: DatabaseSync;
  readonly #tables: ReadonlySet<string>;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    this.#tables = new Set(rows.map(({ name }) => String(name)));
  }

  state(secretKeys: readonly string[]): GrafanaState {
    if (!["dashboard", "user"].some((table) => this.#tables.has(table)))
      throw new Error("the database has no tables of dashboards and users, as Grafana's have");
    const folders = this.#folders();
    const dashboards = this.#dashboards(new Set(folders.map(({ uid }) => uid)));
    const rows = (table: string): readonly Row[] => this.#rows(table);
    const permissions = new GrafanaPermissions(rows, folders);
    const { accounts, left } = readServiceAccounts(rows);
    return {
      users: this.#users(),
      serviceAccounts: accounts,
      teams: this.#teams(),
      folders: parentsFirst(folders).map((folder) => ({ ...folder, rights: permissions.rightsOf("folders", folder) })),
      dashboards: dashboards.map((dashboard) => {
        const rights = permissions.rightsOf("dashboards", { uid: dashboard.uid, parentUid: dashboard.folderUid });
        return { ...dashboard, rights, isRestricted: isRestrictedInGrafana(rights) };
      }),
      sources: this.#sources(secretKeys),
      libraryPanels: this.#libraryPanels(),
      customRoles: customRoles(rows),
      left: { ...this.#left(), ...left },
    };
  }

  #rows(table: string): readonly Row[] {
    return this.#tables.has(table) ? this.#database.prepare(`SELECT * FROM "${table}"`).all() : [];
  }

  /** Returns the number of rows of a table. Annotations that Grafana's alerts made are not counted. */
  #count(table: string): number {
    if (!this.#tables.has(table)) return 0;
    const condition = table === "annotation" ? " WHERE alert_id IS NULL OR alert_id = 0" : "";
    return Number(this.#database.prepare(`SELECT count(*) AS count FROM "${table}"${condition}`).get()!["count"]);
  }

  #ownRows(table: string): readonly Row[] {
    return this.#rows(table).filter((row) => row["org_id"] === 1);
  }

  /** Returns objects of a kind from the table `resource`, which Grafana uses since version 12. */
  #objects(resource: string): readonly GrafanaObject[] {
    if (!this.#tables.has("resource")) return [];
    return this.#database
      .prepare("SELECT * FROM resource WHERE resource = ?")
      .all(resource)
      .filter((row) => row["namespace"] === "default" && row["action"] !== DELETED)
      .flatMap((row) => objectOf(row) ?? []);
  }

  #users(): GrafanaState["users"] {
    const external = Map.groupBy(this.#rows("user_auth"), (row) => row["user_id"]);
    const roles = new Map(this.#ownRows("org_user").map((row) => [row["user_id"], row["role"]]));
    return this.#rows("user")
      .filter((row) => !isTrue(row["is_service_account"]) && textOf(row["login"]) !== "")
      .toSorted((a, b) => Number(a["id"]) - Number(b["id"]))
      .map((row) => ({
        id: Number(row["id"]),
        isMember: roles.has(row["id"]),
        draft: {
          login: textOf(row["login"]),
          email: textOf(row["email"]),
          name: textOf(row["name"]),
          role: roleOf(roles.get(row["id"])),
          isServerAdmin: isTrue(row["is_admin"]),
          isDisabled: isTrue(row["is_disabled"]),
        },
        password: passwordOf(row),
        external: (external.get(row["id"]) ?? []).flatMap(externalOf),
      }));
  }

  #teams(): readonly GrafanaTeam[] {
    const members = Map.groupBy(this.#ownRows("team_member"), (row) => row["team_id"]);
    return this.#ownRows("team").map((row) => ({
      id: Number(row["id"]),
      uid: textOf(row["uid"]),
      name: textOf(row["name"]),
      email: textOf(row["email"]),
      members: (members.get(row["id"]) ?? []).map((member) => ({
        userId: Number(member["user_id"]),
        isAdmin: Number(member["permission"]) === TEAM_ADMIN,
      })),
    }));
  }

  #folders(): readonly FoundFolder[] {
    const found = new Map<string, FoundFolder>();
    const add = (uid: string, title: string, parentUid: string): void => {
      if (uid !== "" && uid !== "general") found.set(uid, { uid, title: title === "" ? uid : title, parentUid });
    };
    for (const row of this.#ownRows("dashboard").filter((one) => isTrue(one["is_folder"])))
      add(textOf(row["uid"]), textOf(row["title"]), "");
    for (const row of this.#ownRows("folder")) add(textOf(row["uid"]), textOf(row["title"]), textOf(row["parent_uid"]));
    for (const { name, spec, folder } of this.#objects("folders")) add(name, textOf(spec["title"]), folder);
    return [...found.values()];
  }

  #dashboards(folders: ReadonlySet<string>): readonly FoundDashboard[] {
    const rows = this.#ownRows("dashboard");
    const uidOfFolder = new Map(rows.map((row) => [row["id"], textOf(row["uid"])]));
    const provisioned = new Set(this.#rows("dashboard_provisioning").map((row) => row["dashboard_id"]));
    const found = new Map<string, FoundDashboard>();
    const add = ({ uid, folderUid, json, ...rest }: FoundDashboard): void => {
      found.set(uid, { ...rest, uid, folderUid: folders.has(folderUid) ? folderUid : "", json: { ...json, uid } });
    };
    for (const row of rows) {
      const isInTrash = textOf(row["deleted"]) !== "";
      if (isTrue(row["is_folder"]) || isInTrash) continue;
      const data = parsedObject(row["data"]);
      add({
        uid: textOf(row["uid"]),
        folderUid: textOf(row["folder_uid"]) || (uidOfFolder.get(row["folder_id"]) ?? ""),
        isProvisioned: provisioned.has(row["id"]),
        json: { title: textOf(row["title"]), ...data.object },
        problem: data.problem,
      });
    }
    for (const { name, spec, folder, isProvisioned } of this.#objects("dashboards"))
      add({ uid: name, folderUid: folder, isProvisioned, json: spec, problem: undefined });
    return [...found.values()];
  }

  #libraryPanels(): ReadonlyMap<string, JsonObject> {
    return new Map(
      this.#ownRows("library_element").flatMap((row) => {
        const { object, problem } = parsedObject(row["model"]);
        return problem === undefined ? [[textOf(row["uid"]), object] as const] : [];
      }),
    );
  }

  #sources(secretKeys: readonly string[]): readonly GrafanaSource[] {
    const keys = this.#rows("data_keys").map((row) => [textOf(row["name"]), bytesOf(row["encrypted_data"])] as const);
    const secrets = secretKeys.map((secretKey) => new GrafanaSecrets(secretKey, new Map(keys)));
    return this.#ownRows("data_source").map((row) => sourceOf(row, secrets));
  }

  #left(): Readonly<Record<string, number>> {
    const counted = LEFT.map((table) => [table, this.#count(table)] as const);
    const foreign = this.#rows("org").filter((row) => row["id"] !== 1).length;
    // Number of older versions: every dashboard has one row for its current version, and the remaining rows are older.
    const older = this.#count("dashboard_version") - this.#count("dashboard");
    const special = [["org", foreign] as const, ["dashboard_version", older] as const];
    return Object.fromEntries([...counted, ...special].filter(([, count]) => count > 0));
  }
}

/** Returns the hash of a user's password. Users who sign in with accounts of other systems have none. */
function passwordOf(row: Row): PasswordHash | undefined {
  const hash = textOf(row["password"]);
  return hash === "" ? undefined : { algorithm: "pbkdf2", salt: textOf(row["salt"]), hash };
}

/** Returns an account of another system. Returns an empty list for a system that this program does not support. */
function externalOf(row: Row): ImportedUser["external"] {
  const [provider, subject] = [textOf(row["auth_module"]), textOf(row["auth_id"])];
  return isProvider(provider) && isSubject(subject) ? [{ provider, subject }] : [];
}

type FoundDashboard = Omit<GrafanaDashboard, "rights" | "isRestricted">;
type FoundFolder = Omit<GrafanaFolder, "rights">;

/** Value of the column `permission` of a member who may change the team. */
const TEAM_ADMIN = 4;

/** Value of the column `action` of a deleted object in `resource`. */
const DELETED = 3;

interface GrafanaObject {
  readonly name: string;
  readonly folder: string;
  readonly spec: JsonObject;
  readonly isProvisioned: boolean;
}

function objectOf(row: Row): GrafanaObject | undefined {
  const value = jsonOf(row["value"]);
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  const annotations = isObject(metadata["annotations"]) ? metadata["annotations"] : {};
  if (!isObject(value["spec"])) return undefined;
  return {
    name: textOf(row["name"]),
    folder: textOf(annotations["grafana.app/folder"]) || textOf(row["folder"]),
    spec: value["spec"],
    isProvisioned: textOf(annotations["grafana.app/managedBy"]) !== "",
  };
}

function sourceOf(row: Row, secrets: readonly GrafanaSecrets[]): GrafanaSource {
  const lost: string[] = [];
  const secureJsonData: Record<string, string> = {};
  for (const [key, sealed] of Object.entries(jsonOf(row["secure_json_data"]))) {
    const secret = secrets.reduce<string | undefined>(
      (found, one) => found ?? openedSecret(one, textOf(sealed)),
      undefined,
    );
    if (secret === undefined) lost.push(key);
    else secureJsonData[key] = secret;
  }
  const draft: SourceDraft = {
    uid: textOf(row["uid"]),
    name: textOf(row["name"]),
    type: textOf(row["type"]),
    access: textOf(row["access"]) || "proxy",
    url: textOf(row["url"]),
    user: textOf(row["user"]),
    database: textOf(row["database"]),
    basicAuth: isTrue(row["basic_auth"]),
    basicAuthUser: textOf(row["basic_auth_user"]),
    withCredentials: isTrue(row["with_credentials"]),
    isDefault: isTrue(row["is_default"]),
    jsonData: jsonOf(row["json_data"]),
    secureJsonData,
  };
  return { draft, lost, isProvisioned: isTrue(row["read_only"]) };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Returns a decrypted secret. Returns undefined if decryption fails or gives invalid text; with a wrong key, the text
 * is almost never valid.
 */
function openedSecret(secrets: GrafanaSecrets, base64: string): string | undefined {
  try {
    return UTF8.decode(secrets.open(Buffer.from(base64, "base64")));
  } catch (error) {
    if (error instanceof GrafanaSecretError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/**
 * Sorts folders so that each comes after the folder that contains it. Folders whose parent is missing are moved to the
 * root.
 */
function parentsFirst(folders: readonly FoundFolder[]): readonly FoundFolder[] {
  const byUid = new Map(folders.map((folder) => [folder.uid, folder]));
  const placed = new Set<FoundFolder>();
  for (const folder of folders) {
    // Collects the folder and the folders that contain it. Stops at a folder that is already placed or would close a
    // cycle.
    const chain = new Set<FoundFolder>();
    for (let at: typeof folder | undefined = folder; at !== undefined; at = byUid.get(at.parentUid)) {
      if (placed.has(at) || chain.has(at)) break;
      chain.add(at);
    }
    for (const one of [...chain].toReversed()) placed.add(one);
  }
  return [...placed].map((folder) => (byUid.has(folder.parentUid) ? folder : { ...folder, parentUid: "" }));
}

const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : Buffer.from(textOf(value)));

/** Parses JSON text. Returns the object, or an empty object and the reason if parsing fails. */
function parsedObject(value: unknown): { readonly object: JsonObject; readonly problem: string | undefined } {
  try {
    const found: unknown = JSON.parse(textOf(value));
    if (isObject(found)) return { object: found, problem: undefined };
    return { object: {}, problem: "it is not a JSON object" };
  } catch (error) {
    return { object: {}, problem: error instanceof Error ? error.message : String(error) };
  }
}

const jsonOf = (value: unknown): JsonObject => parsedObject(value).object;
