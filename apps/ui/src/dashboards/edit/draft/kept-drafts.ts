import type { JsonObject } from "@narthex/dashboards";
import { rootPath } from "../../../api/root-path.ts";
import type { WrittenJson } from "./written-json.ts";

/** Changes of a dashboard that were not saved, as this browser keeps them. */
export interface KeptDraft {
  /** The version that the changes were made to. */
  readonly version: unknown;
  readonly json: JsonObject;
  /** JSON that was written by hand and is no part of it yet. */
  readonly written?: WrittenJson | undefined;
  /** Epoch ms of the last change. */
  readonly at: number;
  /** What tells visits apart: two that are under way keep their changes beside each other. */
  readonly visit: string;
}

/** Whose changes of which dashboard. */
export interface DraftPlace {
  /** The login of the user; empty: nobody is signed in. */
  readonly login: string;
  /** Of the dashboard; empty: a new one. */
  readonly uid: string;
}

/** What is kept for a place, the newest first. */
interface KeptDrafts {
  readonly key: string;
  readonly drafts: readonly KeptDraft[];
}

/** Of changes that nobody took up for more visits, the oldest are forgotten. */
const MOST_KEPT = 5;

const DATABASE = "narthex-drafts";
const DRAFTS = "drafts";
/** Earlier releases kept drafts here by dashboard alone: whoever used the browser next was offered them. */
const EARLIER_DATABASE = "narthex-dashboards";

/** Users do not see each other's drafts, nor do two roles of one origin share any. */
const keyOf = ({ login, uid }: DraftPlace): string => JSON.stringify([rootPath, login, uid]);

let opened: Promise<IDBDatabase> | undefined;

/** The browser's database: dashboards may be larger than what its storage of texts takes. */
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
    // A browser that refused once may not the next time.
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Changes what is kept for a place, in one transaction: other visits do the same at any time. */
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

/** What a record holds; one of a browser that kept a single visit's changes holds none. */
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

/** Keeps changes for a later visit. @param taken visits whose changes have become a part of them */
export async function keepDraft(place: DraftPlace, draft: KeptDraft, taken: readonly string[]): Promise<void> {
  try {
    await change(place, (drafts) => [draft, ...without(drafts, [draft.visit, ...taken])].slice(0, MOST_KEPT));
  } catch {
    // What the browser does not keep is asked about when the page is left.
  }
}

/** Forgets the changes of visits to a dashboard. */
export async function forgetDrafts(place: DraftPlace, visits: readonly string[]): Promise<void> {
  try {
    await change(place, (drafts) => without(drafts, visits));
  } catch {
    // Where nothing is kept there is nothing to forget.
  }
}

/** Forgets all changes of a user to a dashboard that is gone. */
export async function forgetAllDrafts(place: DraftPlace): Promise<void> {
  try {
    await change(place, () => []);
  } catch {
    // Where nothing is kept there is nothing to forget.
  }
}

const without = (drafts: readonly KeptDraft[], visits: readonly string[]): readonly KeptDraft[] =>
  drafts.filter(({ visit }) => !visits.includes(visit));
