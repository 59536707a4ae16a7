import type { JsonObject } from "@narthex/dashboards";
import { rootPath } from "../../../api/root-path.ts";
import type { WrittenJson } from "./written-json.ts";

/** Unsaved changes of a dashboard that this browser stores. */
export interface KeptDraft {
  /** The version on which the changes are based. */
  readonly version: unknown;
  readonly json: JsonObject;
  /** JSON that the user typed and has not applied yet. */
  readonly written?: WrittenJson | undefined;
  /** Time of the last change, epoch ms. */
  readonly at: number;
  /** Id of the visit; two visits at the same time store their changes separately. */
  readonly visit: string;
}

/** The user and the dashboard of some changes. */
export interface DraftPlace {
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

/** Maximum number of visits whose unused changes are stored; the oldest are removed. */
const MAX_KEPT = 5;

const DATABASE = "narthex-drafts";
const DRAFTS = "drafts";
/**
 * Earlier releases stored drafts in this database by dashboard alone, so that the next user of the browser was offered
 * them.
 */
const EARLIER_DATABASE = "narthex-dashboards";

/** Users do not see each other's drafts, and two servers of one origin share none. */
const keyOf = ({ login, uid }: DraftPlace): string => JSON.stringify([rootPath, login, uid]);

let opened: Promise<IDBDatabase> | undefined;

/** Opens the browser's database. Its local storage would be too small for large dashboards. */
function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(DRAFTS, { keyPath: "key" });
    request.onsuccess = () => {
      resolve(request.result);
      indexedDB.deleteDatabase(EARLIER_DATABASE);
    };
    request.onerror = () => reject(request.error ?? new Error("The browser keeps no drafts."));
  }).catch((error: unknown) => {
    // A failed open is not cached, since the next attempt may succeed.
    opened = undefined;
    throw error;
  });
  return opened;
}

/**
 * Changes the stored drafts of a user and dashboard in one transaction, since other visits may do the same at any time.
 */
async function change(place: DraftPlace, next: (drafts: readonly KeptDraft[]) => readonly KeptDraft[]): Promise<void> {
  const key = keyOf(place);
  const database = await open();
  const store = database.transaction(DRAFTS, "readwrite").objectStore(DRAFTS);
  await new Promise<void>((resolve, reject) => {
    const fail = (error: DOMException | null) => reject(error ?? new Error("The browser keeps no drafts."));
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

/** Returns the drafts of a record; none for the record format of earlier releases, which stored only one visit. */
const draftsIn = (record: KeptDrafts | undefined): readonly KeptDraft[] =>
  Array.isArray(record?.drafts) ? record.drafts : [];

/** Returns a user's changes of a dashboard, the newest first; none if the browser keeps nothing. */
export async function readKeptDrafts(place: DraftPlace): Promise<readonly KeptDraft[]> {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const read = database.transaction(DRAFTS, "readonly").objectStore(DRAFTS).get(keyOf(place)) as IDBRequest<
        KeptDrafts | undefined
      >;
      read.onsuccess = () => resolve(draftsIn(read.result));
      read.onerror = () => reject(read.error ?? new Error("The browser keeps no drafts."));
    });
  } catch {
    return [];
  }
}

/**
 * Stores changes for a later visit.
 * @param taken visits whose changes are now part of this draft
 */
export async function keepDraft(place: DraftPlace, draft: KeptDraft, taken: readonly string[]): Promise<void> {
  try {
    await change(place, (drafts) => [draft, ...without(drafts, [draft.visit, ...taken])].slice(0, MAX_KEPT));
  } catch {
    // If the browser stores nothing, the page asks before it is left.
  }
}

/** Removes the changes of visits to a dashboard. */
export async function forgetDrafts(place: DraftPlace, visits: readonly string[]): Promise<void> {
  try {
    await change(place, (drafts) => without(drafts, visits));
  } catch {
    // If the browser stores nothing, there is nothing to remove.
  }
}

/** Removes all changes of a user to a deleted dashboard. */
export async function forgetAllDrafts(place: DraftPlace): Promise<void> {
  try {
    await change(place, () => []);
  } catch {
    // If the browser stores nothing, there is nothing to remove.
  }
}

const without = (drafts: readonly KeptDraft[], visits: readonly string[]): readonly KeptDraft[] =>
  drafts.filter(({ visit }) => !visits.includes(visit));
