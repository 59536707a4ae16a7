import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Store } from "@narthex/store";
import type { OwnPermissions } from "../access/own-permissions.ts";
import type { Auth } from "../auth/auth.ts";
import type { ImportedUser } from "../auth/users/imported-users.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Sources } from "../datasources/sources.ts";
import { secretKeysOf } from "../secrets/secret-keys.ts";
import { databaseUrl, GRAFANA_FILE, type Stores } from "../state/stores.ts";
import { type GrafanaState, readGrafanaDatabase } from "./grafana-database.ts";
import { taken } from "./take-object.ts";
import { ServiceAccountTaker } from "./take-service-accounts.ts";
import { TakenSubjects, uidOfTeam } from "./taken-subjects.ts";

/** Key of the entry in the store that records the imported file. */
const MARK = "grafana";
const NOTHING: GrafanaState = {
  users: [],
  serviceAccounts: [],
  teams: [],
  folders: [],
  dashboards: [],
  sources: [],
  libraryPanels: new Map(),
  customRoles: [],
  left: {},
};

/** The parts of the server that receive the imported data. */
interface Parts {
  readonly auth: Auth;
  readonly sources: Sources;
  readonly dashboards: Dashboards;
}

/** Imports the data of a Grafana server whose database is in the data folder. */
export interface GrafanaTakeover {
  /** Grafana's users, which must be added before the first user would be created. */
  readonly users: readonly ImportedUser[];
  /**
   * Imports service accounts, teams, folders, dashboards and sources, and records that the import is complete. Rejects with StoreError.
   */
  finish(parts: Parts): Promise<void>;
}

/**
 * Reads Grafana's own database in the data folder, if it exists and has not been imported yet. The file stays
 * unchanged. If it cannot be read, this is logged, and the next start tries again. Rejects with StoreError.
 */
export async function openGrafanaTakeover(context: Context, { store }: Stores): Promise<GrafanaTakeover> {
  const { clock, logger, settings } = context;
  const file = grafanaFile(context);
  if (file === undefined || !(await isWanted(store))) return { users: [], finish: async () => undefined };
  const now = clock.now();
  // Record that the import has started, so that an interrupted import continues at the next start although users exist
  // then.
  await note(store, { file, at: now, isDone: false });
  let state: GrafanaState = NOTHING;
  let isRead = false;
  try {
    state = withoutProvisioned(readGrafanaDatabase(file, secretKeysOf(settings)));
    isRead = true;
  } catch (error) {
    logger.error("Grafana's database cannot be read: no data is imported from it", {
      file,
      err: error,
      hint: "it is not changed, and the import is tried again at the next start; move the file away to start without its data",
    });
  }
  return {
    users: state.users.map(({ draft, password, external }) => ({
      user: { ...draft, createdAt: now, updatedAt: now },
      password,
      external,
    })),
    async finish(parts) {
      if (!isRead) return;
      const counts = await takeAll(context, parts, state);
      await note(store, { file, at: now, isDone: true });
      logger.info("Imported Grafana's data", { file, ...counts });
      logNotImported(context, state);
    },
  };
}

/** Imports everything but users. Returns the number of objects of each kind. Rejects with StoreError. */
async function takeAll(context: Context, parts: Parts, state: GrafanaState): Promise<Readonly<Record<string, number>>> {
  const { auth, sources, dashboards } = parts;
  const subjects = new TakenSubjects(state.users, auth.users.values());
  const taker = new ServiceAccountTaker(context, auth, subjects);
  const serviceAccounts = await countedAll(state.serviceAccounts, (account) => taker.take(account));
  const places = { ...dashboards, subjects, reduced: { folders: [], dashboards: [] } };
  const teams = await countedAll(state.teams, (team) => takeTeam(context, auth, subjects, team));
  await taker.takePermissions();
  const folders = await countedAll(state.folders, (folder) => takeFolder(context, places, folder));
  const shown = await countedAll(state.dashboards, (dashboard) => takeDashboard(context, places, dashboard));
  const added = await countedAll(state.sources, (source) => takeSource(context, sources, source));
  logReduced(context, places.reduced);
  const accounts = { users: state.users.length, serviceAccounts, tokens: taker.tokenCount };
  return { ...accounts, teams, folders, dashboards: shown, sources: added };
}

/** The folders and dashboards that receive the imported ones, and the data for their permissions. */
interface TakenPlaces extends Pick<Dashboards, "store" | "folders"> {
  readonly subjects: TakenSubjects;
  /** Titles of the folders and dashboards that have fewer permissions than in Grafana. */
  readonly reduced: { readonly folders: string[]; readonly dashboards: string[] };
}

/** Removes sources that provisioning files create again. */
const withoutProvisioned = (state: GrafanaState): GrafanaState => ({
  ...state,
  sources: state.sources.filter(({ isProvisioned }) => !isProvisioned),
});

/** Returns Grafana's database file. Returns undefined if the file does not exist, or if instances share a database. */
function grafanaFile({ settings, dataFolder }: Context): string | undefined {
  if (databaseUrl(settings) !== undefined) return undefined;
  const given = settings["database.path"];
  const file = resolve(dataFolder, given.endsWith(GRAFANA_FILE) ? given : GRAFANA_FILE);
  return existsSync(file) ? file : undefined;
}

interface Note {
  readonly file: string;
  /** Time of the import's start, Unix ms. */
  readonly at: number;
  readonly isDone: boolean;
}

const note = (store: Store, value: Note): Promise<void> =>
  store.collection("imports").put({ key: MARK, value: JSON.stringify(value), expiresAt: Number.MAX_SAFE_INTEGER });

/**
 * Reports whether an import must begin or continue. If users exist without a recorded import, the dashboards server was
 * used before, so nothing is imported.
 */
async function isWanted(store: Store): Promise<boolean> {
  const noted = await store.collection("imports").get(MARK);
  if (noted !== undefined) return !(JSON.parse(noted.value) as Note).isDone;
  return (await store.collection("users").entries()).length === 0;
}

async function countedAll<T>(all: readonly T[], take: (one: T) => Promise<boolean>): Promise<number> {
  let count = 0;
  for (const one of all) if (await take(one)) count++;
  return count;
}

/** Largest number of names in a log line. */
const MAX_NAMED = 50;

function namesIn(all: readonly string[]): string {
  const more = all.length - MAX_NAMED;
  return [...all.slice(0, MAX_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** Logs the folders and dashboards that some accounts could use in Grafana, but cannot use in this program. */
function logReduced({ logger }: Context, { folders, dashboards }: TakenPlaces["reduced"]): void {
  if (folders.length + dashboards.length === 0) return;
  logger.warn("Some permissions of Grafana were not imported", {
    folders: namesIn(folders),
    dashboards: namesIn(dashboards),
    hint: "permissions of users and teams that were not imported are left out",
  });
}

function logNotImported({ logger }: Context, { left, customRoles }: GrafanaState): void {
  if (Object.keys(left).length > 0) {
    logger.warn("Some of Grafana's data was not imported", {
      ...left,
      hint: "it stays in Grafana's database, which is not changed",
    });
  }
  if (customRoles.length > 0) {
    logger.warn("Roles of Grafana Enterprise were not imported", {
      count: customRoles.length,
      roles: namesIn(customRoles),
      hint: "give their rights in folders and on dashboards to users and teams; docs/dashboards.md explains how",
    });
  }
}

/** Name of the author of imported objects. */
const USER = "grafana";

/** Imports a team. An interrupted import may already have added it. */
function takeTeam(
  context: Context,
  { teams }: Auth,
  subjects: TakenSubjects,
  team: GrafanaState["teams"][number],
): Promise<boolean> {
  const { name, email } = team;
  const uid = uidOfTeam(team);
  return taken(context, "team", name, async () => {
    const draft = { uid, name, email, members: subjects.membersOf(team) };
    subjects.addTeam(team, teams.byUid(uid) ?? (await teams.add(draft)));
  });
}

/**
 * Imports a folder. An interrupted import may already have added it. A folder that was created while Grafana's database
 * could not be read gets the permissions of that database, unless it has others.
 */
function takeFolder(
  context: Context,
  { folders, subjects, reduced }: TakenPlaces,
  { uid, title, parentUid: wanted, rights: grafanaRights }: GrafanaState["folders"][number],
): Promise<boolean> {
  const known = folders.byUid(uid);
  const parentUid = known?.parentUid ?? (folders.byUid(wanted) === undefined ? "" : wanted);
  const place = { isAtRoot: parentUid === "", isMoved: parentUid !== wanted };
  const { rights, lost } = subjects.rightsOf(grafanaRights, place);
  if (lost > 0) reduced.folders.push(title);
  return taken(context, "folder", title, async () => {
    if (known === undefined) await folders.add({ uid, title, parentUid, ...rights, user: USER });
    else if (isToRestrict(known, rights)) await folders.setPermissions(known, () => rights, USER);
  });
}

/** Reports whether an existing folder or dashboard has no permissions of its own, although it had some in Grafana. */
const isToRestrict = (known: OwnPermissions, { permissions }: OwnPermissions): boolean =>
  permissions !== undefined && known.permissions === undefined && known.isForAdmins !== true;

/**
 * Imports a dashboard, as takeFolder() imports a folder. A dashboard that a provisioning file creates again is imported
 * only if it has permissions of its own, which then also apply after the file replaces it.
 */
async function takeDashboard(
  context: Context,
  { store, folders, subjects, reduced }: TakenPlaces,
  { uid, folderUid: wanted, json, isProvisioned, rights: grafanaRights }: GrafanaState["dashboards"][number],
): Promise<boolean> {
  const known = store.byUid(uid);
  const folderUid = known?.folderUid ?? (folders.byUid(wanted) === undefined ? "" : wanted);
  const place = { isAtRoot: folderUid === "", isMoved: folderUid !== wanted };
  const { rights, lost } = subjects.rightsOf(grafanaRights, place);
  if (isProvisioned && known === undefined && rights.permissions === undefined) return false;
  const { id: _id, version: _version, ...dashboard } = json;
  if (lost > 0) reduced.dashboards.push(typeof json["title"] === "string" ? json["title"] : uid);
  const command = {
    dashboard,
    folderUid,
    message: "imported from Grafana",
    overwrite: true,
    user: USER,
    isImported: true,
  };
  return taken(context, "dashboard", uid, async () => {
    if (known === undefined) await store.save({ ...command, ...rights });
    else if (isToRestrict(known, rights)) await store.amend(uid, (record) => ({ ...record, ...rights }));
  });
}

async function takeSource(
  context: Context,
  { store }: Sources,
  { draft, lost }: GrafanaState["sources"][number],
): Promise<boolean> {
  if (store.byName(draft.name) !== undefined) return true;
  const isTaken = await taken(context, "data source", draft.name, () => store.add(draft));
  if (isTaken && lost.length > 0) {
    context.logger.warn("Secrets of a data source could not be decrypted", {
      source: draft.name,
      secrets: lost.join(),
      hint: "name Grafana's security.secret_key in security.previous_secret_keys and start again with the unchanged volume of Grafana, or enter the secrets again",
    });
  }
  return isTaken;
}
