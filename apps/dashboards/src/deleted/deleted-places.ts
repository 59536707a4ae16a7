import type { Clock } from "@narthex/runtime";
import type { Collection, ConditionalStore, ConditionalWrite } from "@narthex/store";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { Folder } from "../folders/folder-store.ts";
import type { LibraryElement } from "../library-panels/library-store.ts";
import type { Deletion } from "./deletion.ts";

export interface DeletedDashboard {
  readonly record: DashboardRecord;
  readonly deletion: Deletion;
}

export interface DeletedFolder {
  /** The folder, followed by the folders that were in it, each after the one that contains it. */
  readonly folders: readonly Folder[];
  readonly elements: readonly LibraryElement[];
  /** Ids of the dashboards that were in the folders. */
  readonly dashboardIds: readonly number[];
  readonly deletion: Deletion;
}

/** Time in ms for which deleted dashboards and folders can be restored. */
export const KEEP_DELETED_MS = 30 * 86_400_000;
/** Largest number of deleted dashboards that are kept. The oldest ones beyond it are dropped. */
const MAX_DELETED = 1000;
/** Number of deletions between two checks of the limit. */
const CHECK_EVERY = 100;

const [DASHBOARDS, BODIES, FOLDERS] = ["deleted_dashboards", "deleted_bodies", "deleted_folders"] as const;

/**
 * The dashboards and folders that were deleted in the last 30 days. The store has them, the memory does not. Keys are
 * ids, because a new dashboard or folder may have the uid of a deleted one.
 */
export class DeletedPlaces {
  readonly #dashboards: Collection;
  readonly #bodies: Collection;
  readonly #folders: Collection;
  readonly #clock: Clock;
  #deletions = 0;

  private constructor(store: ConditionalStore, clock: Clock) {
    this.#dashboards = store.collection(DASHBOARDS);
    this.#bodies = store.collection(BODIES);
    this.#folders = store.collection(FOLDERS);
    this.#clock = clock;
  }

  /** Opens the deleted places, and drops those that can no longer be restored. Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock): Promise<DeletedPlaces> {
    const places = new DeletedPlaces(store, clock);
    await places.#dropOld();
    return places;
  }

  /**
   * Returns the writes that keep a dashboard, as part of the change that deletes it.
   * @param texts the JSON of the versions, by version
   */
  keepDashboard(deleted: DeletedDashboard, texts: ReadonlyMap<number, string>): readonly ConditionalWrite[] {
    const expiresAt = deleted.deletion.at + KEEP_DELETED_MS;
    const key = String(deleted.record.id);
    return [
      { collection: DASHBOARDS, key, entry: { value: JSON.stringify(deleted), expiresAt } },
      ...[...texts].map(([version, value]) => ({
        collection: BODIES,
        key: bodyKey(deleted.record.id, version),
        entry: { value, expiresAt },
      })),
    ];
  }

  /** Returns the writes that remove a deleted dashboard, as part of the change that restores it. */
  forgetDashboard({ id, versions }: DashboardRecord): readonly ConditionalWrite[] {
    return [
      { collection: DASHBOARDS, key: String(id), entry: undefined },
      ...versions.map(({ version }) => ({ collection: BODIES, key: bodyKey(id, version), entry: undefined })),
    ];
  }

  /** Keeps a folder. Rejects with StoreError. */
  async keepFolder(deleted: DeletedFolder): Promise<void> {
    const expiresAt = deleted.deletion.at + KEEP_DELETED_MS;
    await this.#folders.put({ key: keyOf(deleted), value: JSON.stringify(deleted), expiresAt });
  }

  async forgetFolder(deleted: DeletedFolder): Promise<void> {
    await this.#folders.remove(keyOf(deleted));
  }

  /** Returns the deleted dashboards that can be restored, the last deleted one first. Rejects with StoreError. */
  dashboards(): Promise<readonly DeletedDashboard[]> {
    return this.#read<DeletedDashboard>(this.#dashboards);
  }

  /** Returns the deleted folders that can be restored, the last deleted one first. Rejects with StoreError. */
  folders(): Promise<readonly DeletedFolder[]> {
    return this.#read<DeletedFolder>(this.#folders);
  }

  async #read<T extends { readonly deletion: Deletion }>(collection: Collection): Promise<readonly T[]> {
    const now = this.#clock.now();
    return (await collection.entries())
      .filter(({ expiresAt }) => expiresAt > now)
      .map(({ value }) => JSON.parse(value) as T)
      .toSorted((a, b) => b.deletion.at - a.deletion.at);
  }

  /** Returns the JSON of the stored versions of a deleted dashboard. Rejects with StoreError. */
  async textsOf({ id, versions }: DashboardRecord): Promise<ReadonlyMap<number, string>> {
    const texts = new Map<number, string>();
    for (const { version } of versions) {
      const entry = await this.#bodies.get(bodyKey(id, version));
      if (entry !== undefined) texts.set(version, entry.value);
    }
    return texts;
  }

  /** Drops old entries now and then. Call it after a deletion. Rejects with StoreError. */
  async noteDeletion(): Promise<void> {
    this.#deletions++;
    if (this.#deletions % CHECK_EVERY === 0) await this.#dropOld();
  }

  async #dropOld(): Promise<void> {
    const now = this.#clock.now();
    for (const collection of [this.#dashboards, this.#bodies, this.#folders]) await collection.dropExpired(now);
    const surplus = (await this.dashboards()).slice(MAX_DELETED);
    for (const { record } of surplus) {
      await this.#dashboards.remove(String(record.id));
      await this.#bodies.change(
        [],
        record.versions.map(({ version }) => bodyKey(record.id, version)),
      );
    }
  }
}

const bodyKey = (id: number, version: number): string => `${id}@${version}`;

const keyOf = ({ folders }: DeletedFolder): string => String(folders[0]!.id);
