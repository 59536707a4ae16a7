import type { OrgRole } from "@narthex/http";
import type { Permission } from "../access/own-permissions.ts";
import { type Level, LEVEL_OF } from "../auth/levels.ts";
import { loginOf, MAX_ACCOUNT_NAME } from "../auth/service-accounts.ts";
import type { Token } from "../auth/tokens/tokens.ts";
import { highest, subjectsOfRoles } from "./grafana-permissions.ts";
import { isTrue, roleOf, type Row, textOf } from "./grafana-rows.ts";

/** A token of Grafana. The digest is made as `grafanaTokenDigest` makes it, of a token or an API key. */
type GrafanaToken = Pick<Token, "name" | "digest" | "created" | "expires" | "lastUsed">;

/** A service account of Grafana, or the account that Grafana itself makes for an API key of earlier versions. */
export interface GrafanaServiceAccount {
  /** Id in Grafana's database. Undefined for the account of an API key. */
  readonly id: number | undefined;
  readonly name: string;
  readonly role: OrgRole;
  readonly isDisabled: boolean;
  readonly tokens: readonly GrafanaToken[];
  /** The permissions of users and teams to manage the account. Their ids are those of Grafana's database. */
  readonly permissions: readonly Permission[];
}

export interface GrafanaServiceAccounts {
  readonly accounts: readonly GrafanaServiceAccount[];
  /** Number of accounts and tokens that are not imported. */
  readonly left: Readonly<Record<string, number>>;
}

/**
 * Reads the service accounts of the first organization with their tokens, from the tables `user`, `org_user` and
 * `api_key` of any version. Revoked tokens, and accounts that Grafana manages for plugins, are left out.
 *
 * @param rows returns all rows of a table; empty if the table does not exist
 */
export function readServiceAccounts(rows: (table: string) => readonly Row[]): GrafanaServiceAccounts {
  const roles = new Map(
    rows("org_user")
      .filter((row) => row["org_id"] === 1)
      .map((row) => [Number(row["user_id"]), roleOf(row["role"])]),
  );
  const all = rows("user").filter((row) => isTrue(row["is_service_account"]));
  const ofPlugins = all.filter((row) => PLUGIN_ACCOUNT.test(textOf(row["login"])));
  const wanted = all.filter((row) => !ofPlugins.includes(row) && roles.has(Number(row["id"])));
  const keyRows = rows("api_key");
  const keys = keyRows.flatMap((row) => keyOf(row) ?? []);
  const byAccount = Map.groupBy(keys, ({ accountId }) => accountId);
  const names = new UniqueNames();
  const permissions = permissionsIn(rows);
  const accounts = wanted
    .toSorted((a, b) => Number(a["id"]) - Number(b["id"]))
    .map((row): GrafanaServiceAccount => {
      const id = Number(row["id"]);
      return {
        id,
        name: names.of(textOf(row["name"]), id),
        role: roles.get(id)!,
        isDisabled: isTrue(row["is_disabled"]),
        tokens: (byAccount.get(id) ?? []).map(({ token }) => token),
        permissions: highest([...(permissions.get(String(id)) ?? []), ...(permissions.get("*") ?? [])]),
      };
    });
  const ofKeys = (byAccount.get(0) ?? [])
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, role, token }): GrafanaServiceAccount => {
      const name = names.of(`${KEY_ACCOUNT}${token.name}`, id);
      return { id: undefined, name, role, isDisabled: false, tokens: [token], permissions: [] };
    });
  const made = [...accounts, ...ofKeys];
  const counts = {
    service_account: all.length - wanted.length - ofPlugins.length,
    plugin_service_account: ofPlugins.length,
    api_key: keyRows.length - made.reduce((sum, { tokens }) => sum + tokens.length, 0),
  };
  return { accounts: made, left: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)) };
}

const SCOPE = /^serviceaccounts:(?:id:)?(\*|\d{1,15})$/;

/** The levels that actions give on a service account. Grafana's level Edit has the actions to read and to write. */
const LEVELS: ReadonlyMap<string, Level> = new Map([
  ["serviceaccounts:write", LEVEL_OF.edit],
  ["serviceaccounts:edit", LEVEL_OF.edit],
  ["serviceaccounts.permissions:write", LEVEL_OF.admin],
  ["serviceaccounts:admin", LEVEL_OF.admin],
]);

/** Returns the permissions of users and teams by the id of the service account, and by `*` for all accounts. */
function permissionsIn(rows: (table: string) => readonly Row[]): ReadonlyMap<string, readonly Permission[]> {
  const subjects = subjectsOfRoles(rows);
  const found = new Map<string, Permission[]>();
  for (const row of rows("permission")) {
    const [, id] = SCOPE.exec(textOf(row["scope"])) ?? [];
    const level = LEVELS.get(textOf(row["action"]));
    if (id === undefined || level === undefined) continue;
    const list = found.get(id) ?? [];
    found.set(id, list);
    for (const subject of subjects.get(row["role_id"]) ?? [])
      if (!("role" in subject)) list.push({ ...subject, level });
  }
  return found;
}

/** Logins of the accounts that Grafana creates for plugins, and whose tokens it stores itself. */
const PLUGIN_ACCOUNT = /^sa-(?:\d{1,9}-)?extsvc-/;

/** Beginning of the name of the account that Grafana makes for an API key. */
const KEY_ACCOUNT = "sa-autogen-";

/** Gives each account a name whose login no other account has. Grafana's earlier versions allowed equal names. */
class UniqueNames {
  readonly #logins = new Set<string>();

  of(wanted: string, id: number): string {
    const short = wanted.trim().slice(0, MAX_ACCOUNT_NAME - SUFFIX_LENGTH);
    const name = this.#logins.has(loginOf(short)) ? `${short}-${id}` : short;
    this.#logins.add(loginOf(name));
    return name;
  }
}

/** Largest length of a hyphen and an id. */
const SUFFIX_LENGTH = 17;

interface FoundKey {
  /** Id of the row. */
  readonly id: number;
  /** Id of the service account; 0 for an API key without one. */
  readonly accountId: number;
  /** Role of an API key without a service account. */
  readonly role: OrgRole;
  readonly token: GrafanaToken;
}

/** Digest of a token or API key: 50 bytes in hexadecimal. */
const DIGEST = /^[0-9a-f]{100}$/;

/** Returns the token of a row of `api_key`. Returns undefined if it is revoked, of another organization or unreadable. */
function keyOf(row: Row): FoundKey | undefined {
  const digest = textOf(row["key"]).toLowerCase();
  const name = textOf(row["name"]);
  const expires = expiryOf(row["expires"]);
  if (row["org_id"] !== 1 || isTrue(row["is_revoked"]) || expires === undefined) return undefined;
  if (!DIGEST.test(digest) || name.trim() === "") return undefined;
  const token = { name, digest, expires, created: timeOf(row["created"]), lastUsed: timeOf(row["last_used_at"]) };
  const accountId = Number(row["service_account_id"] ?? 0);
  return { id: Number(row["id"]), accountId: accountId > 0 ? accountId : 0, role: roleOf(row["role"]), token };
}

/** Last time that a Date can represent, Unix ms. */
const MAX_TIME = 8.64e15;

/**
 * Returns the end of a token in Unix ms, 0 if it does not expire. The column contains seconds. Returns undefined if the
 * value is not a number, because the token could otherwise live longer than in Grafana.
 */
function expiryOf(value: unknown): number | undefined {
  if (value === null || value === undefined) return 0;
  const seconds = Number(value);
  return Number.isFinite(seconds) ? Math.min(MAX_TIME, Math.max(1, seconds * 1000)) : undefined;
}

/** Returns a time of a column in Unix ms, or 0 if it has none. A text without a time zone is UTC. */
function timeOf(value: unknown): number {
  const text = textOf(value).trim();
  const [, date, time = "00:00:00", zone = ""] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d{1,9})?)?\s?(Z|[+-]\d\d:?\d\d)?/.exec(text) ?? [];
  if (date === undefined) return 0;
  const parsed = Date.parse(`${date}T${time}${zone === "" ? "Z" : zone}`);
  return Number.isNaN(parsed) ? 0 : Math.max(0, parsed);
}
