import type { Clock } from "@narthex/runtime";
import type { Collection, ConditionalStore, ConditionalWrite } from "@narthex/store";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { Folder } from "../folders/folder-store.ts";
import type { LibraryElement } from "../library-panels/library-store.ts";
import { unlessRefused } from "../state/unless-refused.ts";
import type { Deletion } from "./deletion.ts";

export interface DeletedDashboard {
  readonly record: DashboardRecord;
  readonly deletion: Deletion;
}

export interface DeletedFolder {
  /** The deleted folder, then the folders inside it. Each folder comes after the one that contains it. */
  readonly folders: readonly Folder[];
  /** Ids of the library panels that were in the folders. */
  readonly elementIds: readonly number[];
  /** Ids of the dashboards that were in the folders. */
  readonly dashboardIds: readonly number[];
  readonly deletion: Deletion;
}

/** Time in ms for which deleted dashboards and folders can be restored. */
export const KEEP_DELETED_MS = 30 * 86_400_000;
/** Maximum number of deleted dashboards, and of deleted folders, that are kept. The oldest ones are removed first. */
const MAX_DELETED = 1000;
/** Number of deletions after which the limits are checked again. */
const CHECK_EVERY = 100;

const [DASHBOARDS, BODIES] = ["deleted_dashboards", "deleted_bodies"] as const;
const [FOLDERS, ELEMENTS] = ["deleted_folders", "deleted_elements"] as const;

/**
 * The dashboards and folders that were deleted in the last 30 days. The store contains them, the memory does not. Keys
 * are ids, because a new dashboard or folder may have the uid of a deleted one.
 */
export class DeletedPlaces {
  readonly #dashboards: Collection;
  readonly #bodies: Collection;
  readonly #folders: Collection;
  /**
   * Library panels of deleted folders. A separate collection is used, so that lists of folders do not read the panels,
   * which can be large.
   */
  readonly #elements: Collection;
  readonly #clock: Clock;
  #deletions = 0;

  private constructor(store: ConditionalStore, clock: Clock) {
    this.#dashboards = store.collection(DASHBOARDS);
    this.#bodies = store.collection(BODIES);
    this.#folders = store.collection(FOLDERS);
    this.#elements = store.collection(ELEMENTS);
    this.#clock = clock;
  }

  /** Opens the deleted dashboards and folders, and removes those that are too old. Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock): Promise<DeletedPlaces> {
    const places = new DeletedPlaces(store, clock);
    await places.#dropOld();
    return places;
  }

  /**
   * Returns the writes that store a deleted dashboard. The caller makes them in the same step as the deletion.
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

  /**
   * Returns the writes that remove a deleted dashboard from the store. The caller makes them in the same step as the
   * restoration.
   */
  forgetDashboard({ id, versions }: DashboardRecord): readonly ConditionalWrite[] {
    return [
      { collection: DASHBOARDS, key: String(id), entry: undefined },
      ...versions.map(({ version }) => ({ collection: BODIES, key: bodyKey(id, version), entry: undefined })),
    ];
  }

  /**
   * Stores a deleted folder. If an earlier deletion of the folder was interrupted, also keeps what it had already
   * deleted, and returns false. Rejects with StoreError.
   */
  async keepFolder(deleted: DeletedFolder, elements: readonly LibraryElement[]): Promise<boolean> {
    const key = keyOf(deleted);
    const expiresAt = deleted.deletion.at + KEEP_DELETED_MS;
    const known = await this.#folders.get(key);
    const before = known === undefined ? undefined : (JSON.parse(known.value) as DeletedFolder);
    const all: DeletedFolder = {
      folders: united(before?.folders, deleted.folders),
      elementIds: [...new Set([...(before?.elementIds ?? []), ...deleted.elementIds])],
      dashboardIds: [...new Set([...(before?.dashboardIds ?? []), ...deleted.dashboardIds])],
      deletion: deleted.deletion,
    };
    await this.#elements.change(
      elements.map((element) => ({ key: String(element.id), value: JSON.stringify(element), expiresAt })),
      [],
    );
    await this.#folders.put({ key, value: JSON.stringify(all), expiresAt });
    return before === undefined;
  }

  /** Returns the library panels of a deleted folder. Rejects with StoreError. */
  async elementsOf({ elementIds }: DeletedFolder): Promise<readonly LibraryElement[]> {
    const entries = await Promise.all(elementIds.map((id) => this.#elements.get(String(id))));
    return entries.flatMap((entry) => (entry === undefined ? [] : [JSON.parse(entry.value) as LibraryElement]));
  }

  async forgetFolder(deleted: DeletedFolder): Promise<void> {
    await this.#elements.change([], deleted.elementIds.map(String));
    await this.#folders.remove(keyOf(deleted));
  }

  /** Returns the deleted dashboards that can be restored, the most recently deleted first. Rejects with StoreError. */
  dashboards(): Promise<readonly DeletedDashboard[]> {
    return this.#read<DeletedDashboard>(this.#dashboards);
  }

  /** Returns the deleted folders that can be restored, the most recently deleted first. Rejects with StoreError. */
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

  /**
   * Must be called after a deletion. From time to time, removes entries that are too old or too many. A failure only
   * delays this until a later deletion.
   */
  async noteDeletion(): Promise<void> {
    this.#deletions++;
    if (this.#deletions % CHECK_EVERY !== 0) return;
    await unlessRefused(() => this.#dropOld());
  }

  async #dropOld(): Promise<void> {
    const now = this.#clock.now();
    for (const collection of [this.#dashboards, this.#bodies, this.#folders, this.#elements])
      await collection.dropExpired(now);
    for (const folder of (await this.folders()).slice(MAX_DELETED)) await this.forgetFolder(folder);
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

/** Returns the objects of both lists without duplicate ids. An object of the second list replaces one of the first. */
function united<T extends { readonly id: number }>(before: readonly T[] = [], after: readonly T[]): readonly T[] {
  const all = new Map([...before, ...after].map((one) => [one.id, one]));
  return [...all.values()];
}

const bodyKey = (id: number, version: number): string => `${id}@${version}`;

const keyOf = ({ folders }: DeletedFolder): string => String(folders[0]!.id);
