import type { Clock } from "@narthex/runtime";
import type { Collection, ConditionalStore, ConditionalWrite } from "@narthex/store";
import { type OwnPermissions, storedPermissions } from "../access/own-permissions.ts";
import type { DeletedDashboard, DeletedPlaces } from "../deleted/deleted-places.ts";
import type { Deletion } from "../deleted/deletion.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import { Documents, type Plan } from "../state/documents.ts";
import { isUid, MAX_UID_LENGTH, newUid } from "../state/uids.ts";
import { Refusal, refusal } from "../web/refusal.ts";
import {
  type DashboardJson,
  type DashboardRecord,
  MAX_MESSAGE,
  MAX_TITLE,
  libraryPanelsOf,
  type Provisioned,
  tagsOf,
} from "./dashboard-record.ts";

/**
 * A request to save a dashboard. Permissions that it does not set stay unchanged; `creatorId` is used only for a new
 * dashboard.
 */
export interface SaveCommand extends OwnPermissions {
  readonly dashboard: DashboardJson;
  /** Uid of the folder; empty for the root. If absent, the dashboard stays in its folder. */
  readonly folderUid?: string;
  readonly message: string;
  /** Whether to replace the dashboard even if another user has changed it since the user opened it. */
  readonly overwrite: boolean;
  readonly user: string;
  /** The file from which the dashboard is provisioned, if any. */
  readonly provisioned?: Provisioned;
  readonly restoredFrom?: number;
  /** Whether the dashboard comes from the database of a Grafana server. */
  readonly isImported?: boolean;
  /** Throws Refusal if the user may not change the dashboard that is replaced, or may not save into the folder. */
  readonly check?: (before: DashboardRecord | undefined, folderUid: string) => void;
}

/** Maximum number of attempts to delete a dashboard while others save it. */
const MAX_TRIES = 10;
const FOREVER = Number.MAX_SAFE_INTEGER;
/** Name of the collection with the dashboards' JSON. A key consists of the uid and the version. */
const BODIES = "dashboard_bodies";

const bodyKey = (uid: string, version: number): string => `${uid}@${version}`;

const withoutBody = (uid: string, version: number): ConditionalWrite => ({
  collection: BODIES,
  key: bodyKey(uid, version),
  entry: undefined,
});

/** All dashboards. Their metadata is kept in memory, their JSON only in the store. */
export class DashboardStore {
  readonly #records: Documents<DashboardRecord>;
  /** Permissions of provisioned dashboards whose files were removed, by uid. */
  readonly #restricted: Documents<Restricted>;
  readonly #bodies: Collection;
  readonly #folders: FolderStore;
  readonly #deleted: DeletedPlaces;
  readonly #clock: Clock;
  readonly #versionsToKeep: number;

  private constructor(
    records: Documents<DashboardRecord>,
    restricted: Documents<Restricted>,
    bodies: Collection,
    options: DashboardStoreOptions,
  ) {
    this.#records = records;
    this.#restricted = restricted;
    this.#bodies = bodies;
    this.#folders = options.folders;
    this.#deleted = options.deleted;
    this.#clock = options.clock;
    this.#versionsToKeep = Math.max(1, options.versionsToKeep);
  }

  static async open(store: ConditionalStore, options: DashboardStoreOptions): Promise<DashboardStore> {
    const records = await Documents.open<DashboardRecord>(store, "dashboards");
    const restricted = await Documents.open<Restricted>(store, "restricted_dashboards");
    return new DashboardStore(records, restricted, store.collection(BODIES), options);
  }

  get size(): number {
    return this.#records.size;
  }

  values(): IteratorObject<DashboardRecord> {
    return this.#records.values();
  }

  onChange(listener: () => void): void {
    this.#records.onChange(listener);
  }

  byUid(uid: string): DashboardRecord | undefined {
    return this.#records.get(uid);
  }

  byId(id: number): DashboardRecord | undefined {
    return this.#records.values().find((record) => record.id === id);
  }

  /** Returns the JSON text of a version; undefined if the version is not stored. */
  async textOf({ uid }: DashboardRecord, version: number): Promise<string | undefined> {
    return (await this.#bodies.get(bodyKey(uid, version)))?.value;
  }

  /** Adds or replaces a dashboard. Rejects with Refusal (with Grafana's message), or with StoreError. */
  async save(command: SaveCommand): Promise<DashboardRecord> {
    const given = textIn(command.dashboard, "uid");
    const sent = sentVersion(command.dashboard);
    // Reads the dashboard again if the request contains a newer version than this instance knows, because another
    // instance may just have saved it.
    if (given !== "" && sent > (this.byUid(given)?.version ?? 0)) await this.#records.readAgain([given]);
    const uid = given || newUid();
    return this.#records.change(() => this.#plan(command, uid));
  }

  /**
   * Throws the refusal with which `save` would fail now. Changes that other instances have just made are not
   * considered.
   */
  checkSave(command: SaveCommand): void {
    this.#plan(command, newUid());
  }

  /**
   * Prepares a write of metadata and JSON together. It succeeds only if the dashboard and its folder do not change in
   * the meantime. Throws Refusal.
   */
  #plan(command: SaveCommand, newUid: string): Plan<DashboardRecord, DashboardRecord> {
    const { dashboard, provisioned } = command;
    const title = checkedTitle(dashboard);
    if (command.message.length > MAX_MESSAGE) throw refusal(400, `Message must be at most ${MAX_MESSAGE} characters`);
    const before = this.#replaced(dashboard);
    const folderUid = command.folderUid ?? before?.folderUid ?? "";
    if (folderUid !== "" && this.#folders.byUid(folderUid) === undefined) throw refusal(400, "folder not found");
    command.check?.(before, folderUid);
    if (before !== undefined && isLoaded(before, command)) return { result: before };
    if (before !== undefined) checkReplaces(before, command);
    const now = this.#clock.now();
    const uid = before?.uid ?? newUid;
    const version = (before?.version ?? 0) + 1;
    const entry = {
      version,
      parentVersion: before?.version ?? 0,
      restoredFrom: command.restoredFrom ?? 0,
      created: now,
      createdBy: command.user,
      message: command.message,
    };
    const versions = [entry, ...(before?.versions ?? [])];
    const kept = versions.slice(0, this.#versionsToKeep);
    const source = provisioned ?? before?.provisioned;
    const libraryPanels = libraryPanelsOf(dashboard);
    const rights = permissionsOf(command, this.#rightsBefore(before, uid, provisioned));
    const record: DashboardRecord = {
      id: before?.id ?? this.#records.nextId(),
      uid,
      title,
      tags: tagsOf(dashboard),
      folderUid,
      version,
      created: before?.created ?? now,
      createdBy: before?.createdBy ?? command.user,
      updated: now,
      updatedBy: command.user,
      ...(source === undefined ? {} : { provisioned: source }),
      ...rights,
      ...(command.isImported === true || before?.isImported === true ? { isImported: true } : {}),
      ...(libraryPanels.length === 0 ? {} : { libraryPanels }),
      versions: kept,
    };
    const text = JSON.stringify({ ...dashboard, id: record.id, uid, title, version });
    const body = { collection: BODIES, key: bodyKey(uid, version), entry: { value: text, expiresAt: FOREVER } };
    const dropped = versions.slice(this.#versionsToKeep).map((one) => withoutBody(uid, one.version));
    const guards = this.#folders.guards(folderUid);
    return { put: new Map([[uid, record]]), guards, also: [body, ...dropped], result: record };
  }

  /**
   * Returns the existing dashboard that a save replaces. Returns undefined if the save creates a dashboard. Throws
   * Refusal.
   */
  #replaced(dashboard: DashboardJson): DashboardRecord | undefined {
    const uid = textIn(dashboard, "uid");
    if (uid.length > MAX_UID_LENGTH) throw refusal(400, `uid too long, max ${MAX_UID_LENGTH} characters`);
    if (uid !== "" && !isUid(uid)) throw refusal(400, "uid contains illegal characters");
    const id = Object.hasOwn(dashboard, "id") ? dashboard["id"] : undefined;
    const named = uid === "" ? undefined : this.byUid(uid);
    if (typeof id !== "number" || id <= 0) return named;
    const numbered = this.byId(id);
    if (numbered === undefined) throw new Refusal(404, { message: "Dashboard not found", status: "not-found" });
    if (named !== undefined && named.id !== numbered.id) {
      throw refusal(400, "A dashboard with the same uid already exists");
    }
    return numbered;
  }

  /** Changes a dashboard's metadata, not its JSON. Rejects with StoreError. */
  async amend(uid: string, change: (record: DashboardRecord) => DashboardRecord): Promise<void> {
    await this.#records.update(uid, (record) => record && change(record));
  }

  /**
   * Removes a dashboard if `isMeant` accepts its current record. The permissions of a provisioned dashboard are kept,
   * because its file may come back. Rejects with StoreError.
   */
  remove(record: DashboardRecord, isMeant: (record: DashboardRecord) => boolean = () => true): Promise<void> {
    return this.#remove(record, isMeant, () => []);
  }

  /**
   * Removes a dashboard like remove(), but stores it as a deleted dashboard, which can be restored. Rejects with
   * StoreError.
   */
  async delete(
    { uid }: DashboardRecord,
    deletion: Deletion,
    isMeant: (record: DashboardRecord) => boolean = () => true,
  ): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const known = this.byUid(uid);
      if (known === undefined || !isMeant(known)) return;
      const texts = await this.#textsOf(known);
      // The dashboard is removed only if all versions were read, because a version that is saved in the meantime could
      // not be restored.
      const isComplete = (record: DashboardRecord): boolean => isMeant(record) && texts.has(record.version);
      await this.#remove(known, isComplete, (record) => this.#deleted.keepDashboard({ record, deletion }, texts));
      if (this.byUid(uid) === undefined) return this.#deleted.noteDeletion();
    }
    throw refusal(412, "the dashboard is being changed by someone else; try again");
  }

  async #textsOf(record: DashboardRecord): Promise<ReadonlyMap<number, string>> {
    const texts = new Map<number, string>();
    for (const { version } of record.versions) {
      const text = await this.textOf(record, version);
      if (text !== undefined) texts.set(version, text);
    }
    return texts;
  }

  /**
   * Adds a deleted dashboard again, with its versions and permissions. Rejects with a refusal if its uid is in use or
   * the folder does not exist, or with StoreError.
   *
   * @param isForAdmins whether only admins may see the dashboard, because the rights in its folder are unknown
   */
  async restore({ record }: DeletedDashboard, folderUid: string, isForAdmins = false): Promise<DashboardRecord> {
    const texts = await this.#deleted.textsOf(record);
    if (!texts.has(record.version)) throw refusal(404, "Dashboard not found");
    return this.#records.change(() => {
      if (this.byUid(record.uid) !== undefined) throw refusal(409, "a dashboard with the same uid exists");
      if (folderUid !== "" && this.#folders.byUid(folderUid) === undefined) throw refusal(400, "folder not found");
      const result: DashboardRecord = {
        ...record,
        ...(isForAdmins ? { isForAdmins } : {}),
        folderUid,
        versions: record.versions.filter(({ version }) => texts.has(version)),
      };
      const bodies = [...texts].map(([version, value]) => ({
        collection: BODIES,
        key: bodyKey(record.uid, version),
        entry: { value, expiresAt: FOREVER },
      }));
      const also = [...bodies, ...this.#deleted.forgetDashboard(record)];
      return { put: new Map([[record.uid, result]]), guards: this.#folders.guards(folderUid), also, result };
    });
  }

  /** Removes a deleted dashboard permanently. Rejects with StoreError. */
  async forget(record: DashboardRecord): Promise<void> {
    await this.#records.change(() => ({ also: this.#deleted.forgetDashboard(record), result: undefined }));
  }

  async #remove(
    { uid }: DashboardRecord,
    isMeant: (record: DashboardRecord) => boolean,
    keep: (record: DashboardRecord) => readonly ConditionalWrite[],
  ): Promise<void> {
    const known = this.byUid(uid);
    // The permissions are stored before the dashboard is removed, so that they are not lost if the server crashes in
    // between.
    if (known?.provisioned !== undefined) await this.#keepRestriction(known);
    await this.#records.change(() => {
      const record = this.byUid(uid);
      if (record === undefined || !isMeant(record)) return { result: undefined };
      const also = [...record.versions.map(({ version }) => withoutBody(uid, version)), ...keep(record)];
      return { removed: [uid], also, result: undefined };
    });
  }

  #keepRestriction({ uid, isForAdmins, permissions }: DashboardRecord): Promise<unknown> {
    const isDefault = isForAdmins !== true && permissions === undefined;
    return this.#restricted.update(uid, () =>
      isDefault
        ? undefined
        : { uid, isForAdmins: isForAdmins === true, ...(permissions === undefined ? {} : { permissions }) },
    );
  }

  /**
   * Returns the permissions that a dashboard keeps when it is saved. A provisioned dashboard does not keep the
   * permissions of a user's dashboard with the same uid. Otherwise that user could read a dashboard that its file
   * protects.
   */
  #rightsBefore(
    before: DashboardRecord | undefined,
    uid: string,
    provisioned: Provisioned | undefined,
  ): OwnPermissions | undefined {
    const isTaken = provisioned !== undefined && before?.provisioned === undefined && before?.isImported !== true;
    return isTaken ? this.#earlier(uid) : before;
  }

  /** Returns the permissions that a provisioned dashboard had when its file was removed. */
  #earlier(uid: string): OwnPermissions | undefined {
    const known = this.#restricted.get(uid);
    // Adds the field isForAdmins, which earlier versions did not store for dashboards that only admins may see.
    return known && { isForAdmins: true, ...known };
  }

  /** Reads the dashboards that other instances have saved since the last read. Rejects with StoreError. */
  refresh(): Promise<void> {
    return this.#records.refresh();
  }
}

interface Restricted extends OwnPermissions {
  readonly uid: string;
}

/** Returns the permissions of a saved dashboard: those that the request sets, otherwise those that it had before. */
function permissionsOf(command: SaveCommand, before: OwnPermissions | undefined): OwnPermissions {
  const { isForAdmins = before?.isForAdmins, permissions = before?.permissions } = command;
  const { creatorId } = before ?? command;
  return storedPermissions({ isForAdmins, permissions, creatorId });
}

export interface DashboardStoreOptions {
  readonly folders: FolderStore;
  readonly deleted: DeletedPlaces;
  readonly clock: Clock;
  readonly versionsToKeep: number;
}

function textIn(json: DashboardJson, key: string): string {
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  return typeof value === "string" ? value.trim() : "";
}

function checkedTitle(dashboard: DashboardJson): string {
  const title = textIn(dashboard, "title");
  if (title === "") throw new Refusal(400, { message: "Dashboard title cannot be empty", status: "empty-name" });
  if (title.length > MAX_TITLE) throw refusal(400, `Dashboard title cannot contain more than ${MAX_TITLE} characters`);
  return title;
}

/** Returns the version number in a dashboard's JSON; 0 if it is missing. */
function sentVersion(dashboard: DashboardJson): number {
  const sent = Object.hasOwn(dashboard, "version") ? dashboard["version"] : undefined;
  return typeof sent === "number" ? sent : 0;
}

/** Reports whether another instance has already provisioned the same file into the same folder. */
const isLoaded = ({ provisioned: known }: DashboardRecord, { provisioned: file }: SaveCommand): boolean =>
  known !== undefined && file !== undefined && known.checksum === file.checksum && known.folderUid === file.folderUid;

/** Throws Refusal if a save may not replace a dashboard. */
function checkReplaces(before: DashboardRecord, command: SaveCommand): void {
  if (command.provisioned !== undefined) return;
  if (before.provisioned?.allowUiUpdates === false) throw refusal(400, "Cannot save provisioned dashboard");
  if (command.overwrite || sentVersion(command.dashboard) === before.version) return;
  throw new Refusal(412, {
    message: "The dashboard has been changed by someone else",
    status: "version-mismatch",
  });
}
