import type { JsonObject } from "@narthex/dashboards";
import { rootPath } from "../../api/root-path.ts";
import type { WrittenJson } from "./written-json.ts";

/** Unsaved changes of a dashboard that this browser stores. */
export interface KeptDraft {
  /** The saved version of the dashboard on which the changes are based. */
  readonly version: unknown;
  readonly json: JsonObject;
  /** JSON that the user typed and has not applied yet. */
  readonly written?: WrittenJson | undefined;
  /** Time of the last change, epoch ms. */
  readonly at: number;
  /**
   * Id of the visit in which the changes were made. Two tabs that are open at the same time are two visits, and store
   * their changes separately.
   */
  readonly visit: string;
}

/** The user and the dashboard to which stored changes belong. */
export interface DraftOwner {
  /** Login of the user; empty if no user is signed in. */
  readonly login: string;
  /** Uid of the dashboard; empty for a new one. */
  readonly uid: string;
}

/** The stored changes of one user and dashboard, newest first. */
interface KeptDrafts {
  readonly key: string;
  readonly drafts: readonly KeptDraft[];
}

/** Maximum number of visits whose changes are stored for one user and dashboard. The oldest changes are removed. */
const MAX_KEPT = 5;

const DATABASE = "narthex-drafts";
const DRAFTS = "drafts";
/**
 * Database of earlier releases, which is deleted. It did not separate users, so a user could see another user's
 * changes.
 */
const EARLIER_DATABASE = "narthex-dashboards";

/**
 * Returns the key of stored changes. It contains the user, so that users do not see each other's changes, and the root
 * path, because two servers may have the same origin.
 */
const keyOf = ({ login, uid }: DraftOwner): string => JSON.stringify([rootPath, login, uid]);

let opened: Promise<IDBDatabase> | undefined;

/** Opens the browser's IndexedDB database. The browser's local storage would be too small for large dashboards. */
function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(DRAFTS, { keyPath: "key" });
    request.onsuccess = () => {
      resolve(request.result);
      indexedDB.deleteDatabase(EARLIER_DATABASE);
    };
    request.onerror = () => reject(request.error ?? new Error("The browser cannot store drafts."));
  }).catch((error: unknown) => {
    // A failed attempt to open the database is not cached, since the next attempt may succeed.
    opened = undefined;
    throw error;
  });
  return opened;
}

/**
 * Replaces the stored changes of a user and dashboard. Reads and writes in one transaction, since other browser tabs
 * may write at the same time.
 */
async function change(owner: DraftOwner, next: (drafts: readonly KeptDraft[]) => readonly KeptDraft[]): Promise<void> {
  const key = keyOf(owner);
  const database = await open();
  const store = database.transaction(DRAFTS, "readwrite").objectStore(DRAFTS);
  await new Promise<void>((resolve, reject) => {
    const fail = (error: DOMException | null) => reject(error ?? new Error("The browser cannot store drafts."));
    const read = store.get(key) as IDBRequest<KeptDrafts | undefined>;
    read.onerror = () => fail(read.error);
    read.onsuccess = () => {
      const drafts = next(draftsIn(read.result));
      const write = drafts.length === 0 ? store.delete(key) : store.put({ key, drafts } satisfies KeptDrafts);
      write.onsuccess = () => resolve();
      write.onerror = () => fail(write.error);
    };
  });
}

/** Returns the changes in a record. Records of earlier releases have another format and are ignored. */
const draftsIn = (record: KeptDrafts | undefined): readonly KeptDraft[] =>
  Array.isArray(record?.drafts) ? record.drafts : [];

/**
 * Returns the stored changes of a user and dashboard, newest first. Returns an empty list if the browser cannot store
 * data.
 */
export async function readKeptDrafts(owner: DraftOwner): Promise<readonly KeptDraft[]> {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const read = database.transaction(DRAFTS, "readonly").objectStore(DRAFTS).get(keyOf(owner)) as IDBRequest<
        KeptDrafts | undefined
      >;
      read.onsuccess = () => resolve(draftsIn(read.result));
      read.onerror = () => reject(read.error ?? new Error("The browser cannot store drafts."));
    });
  } catch {
    return [];
  }
}

/**
 * Stores changes for a later visit.
 * @param taken visits whose stored changes are now part of this draft, and are removed
 */
export async function storeDraft(owner: DraftOwner, draft: KeptDraft, taken: readonly string[]): Promise<void> {
  try {
    await change(owner, (drafts) => [draft, ...without(drafts, [draft.visit, ...taken])].slice(0, MAX_KEPT));
  } catch {
    // Ignores the error: without storage, the page asks the user for confirmation before the user leaves.
  }
}

/** Removes the stored changes that were made in some visits to a dashboard. */
export async function forgetDrafts(owner: DraftOwner, visits: readonly string[]): Promise<void> {
  try {
    await change(owner, (drafts) => without(drafts, visits));
  } catch {
    // Ignores the error: without storage, there is nothing to remove.
  }
}

/** Removes all stored changes of a user and dashboard, after the dashboard was deleted. */
export async function forgetAllDrafts(owner: DraftOwner): Promise<void> {
  try {
    await change(owner, () => []);
  } catch {
    // Ignores the error: without storage, there is nothing to remove.
  }
}

const without = (drafts: readonly KeptDraft[], visits: readonly string[]): readonly KeptDraft[] =>
  drafts.filter(({ visit }) => !visits.includes(visit));
