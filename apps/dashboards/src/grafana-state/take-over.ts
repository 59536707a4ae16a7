import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Store } from "@narthex/store";
import type { NewUser } from "../auth/users.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Sources } from "../datasources/sources.ts";
import { secretKeysOf } from "../secrets/secret-keys.ts";
import { databaseUrl, GRAFANA_FILE, type Stores } from "../state/stores.ts";
import { Refusal } from "../web/refusal.ts";
import { type GrafanaState, readGrafanaDatabase } from "./grafana-database.ts";

/** Key of the entry in the store that records the imported file. */
const MARK = "grafana";
const NOTHING: GrafanaState = {
  users: [],
  folders: [],
  dashboards: [],
  sources: [],
  libraryPanels: new Map(),
  left: {},
};

/** Imports the data of a Grafana server whose database is in the data folder. */
export interface GrafanaTakeover {
  /** Grafana's users, which must be added before the first user would be created. */
  readonly users: readonly NewUser[];
  /** Imports folders, dashboards and sources, and records that the import is complete. Rejects with StoreError. */
  finish(parts: { readonly sources: Sources; readonly dashboards: Dashboards }): Promise<void>;
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
    users: state.users.map((user) => ({ ...user, createdAt: now, updatedAt: now })),
    async finish({ sources, dashboards }) {
      if (!isRead) return;
      const folders = await countedAll(state.folders, (folder) => takeFolder(context, dashboards, folder));
      const shown = await countedAll(state.dashboards, (dashboard) => takeDashboard(context, dashboards, dashboard));
      const added = await countedAll(state.sources, (source) => takeSource(context, sources, source));
      await note(store, { file, at: now, isDone: true });
      const { length: users } = state.users;
      logger.info("Imported Grafana's data", { file, users, folders, dashboards: shown, sources: added });
      logRestricted(context, dashboards, state);
      if (Object.keys(state.left).length > 0) {
        logger.warn("Some of Grafana's data was not imported", {
          ...state.left,
          hint: "it stays in Grafana's database, which is not changed",
        });
      }
    },
  };
}

/**
 * Removes dashboards and sources that provisioning files create again. A restricted dashboard at the root is kept, so
 * that its restriction also applies after the file replaces it.
 */
const withoutProvisioned = (state: GrafanaState): GrafanaState => ({
  ...state,
  dashboards: state.dashboards.filter(
    ({ isProvisioned, isForAdmins, folderUid }) => !isProvisioned || (isForAdmins && folderUid === ""),
  ),
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

/** Imports one object. If the change is refused, logs the reason and returns false, so that the import continues. */
async function taken(
  { logger }: Context,
  kind: string,
  name: string,
  change: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    logger.warn("An object of Grafana was not imported", { kind, name, reason: error.message });
    return false;
  }
}

/** Largest number of titles in a log line. */
const MAX_NAMED = 50;

/** Logs the folders and dashboards that are now for admins only. If a folder is listed, its contents are not listed. */
function logRestricted({ logger }: Context, { store, folders }: Dashboards, state: GrafanaState): void {
  const titles = (all: readonly { readonly uid: string }[], titleOf: (uid: string) => string | undefined): string => {
    const named = all.flatMap(({ uid }) => titleOf(uid) ?? []);
    const more = named.length - MAX_NAMED;
    return [...named.slice(0, MAX_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(", ");
  };
  const fields = {
    folders: titles(state.folders, (uid) => {
      const folder = folders.byUid(uid);
      return folder?.isForAdmins === true ? folder.title : undefined;
    }),
    dashboards: titles(state.dashboards, (uid) => {
      const record = store.byUid(uid);
      return record?.isForAdmins === true ? record.title : undefined;
    }),
  };
  if (fields.folders === "" && fields.dashboards === "") return;
  logger.warn("Access was restricted in Grafana: only admins can see these", {
    ...fields,
    hint: "permissions of single users, teams and roles are not imported; docs/dashboards.md explains how to open a folder",
  });
}

/** Name of the author of imported objects. */
const USER = "grafana";

/** Imports a folder. An interrupted import may already have added it. */
function takeFolder(
  context: Context,
  { folders }: Dashboards,
  folder: GrafanaState["folders"][number],
): Promise<boolean> {
  if (folders.byUid(folder.uid) !== undefined) return Promise.resolve(true);
  const parentUid = folders.byUid(folder.parentUid) === undefined ? "" : folder.parentUid;
  const isForAdmins = folder.isForAdmins && !folders.isForAdmins(parentUid);
  return taken(context, "folder", folder.title, () => folders.add({ ...folder, parentUid, isForAdmins, user: USER }));
}

function takeDashboard(
  context: Context,
  { store, folders }: Dashboards,
  { uid, folderUid: wanted, json, isForAdmins }: GrafanaState["dashboards"][number],
): Promise<boolean> {
  if (store.byUid(uid) !== undefined) return Promise.resolve(true);
  const { id: _id, version: _version, ...dashboard } = json;
  const folderUid = folders.byUid(wanted) === undefined ? "" : wanted;
  const command = {
    dashboard,
    folderUid,
    isForAdmins: isForAdmins && !folders.isForAdmins(folderUid),
    message: "imported from Grafana",
    overwrite: true,
    user: USER,
  };
  return taken(context, "dashboard", uid, () => store.save(command));
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
