import type { JsonObject } from "@narthex/dashboards";

/** Changes of a dashboard that were not saved, as this browser keeps them. */
export interface KeptDraft {
  /** Of the dashboard; empty: a new one. */
  readonly uid: string;
  /** The version that the changes were made to. */
  readonly version: unknown;
  readonly json: JsonObject;
  /** Epoch ms of the last change. */
  readonly at: number;
  /** Those of a visit before, which nobody has taken up or thrown away since. */
  readonly earlier?: KeptDraft;
}

const DATABASE = "narthex-dashboards";
const DRAFTS = "drafts";

let opened: Promise<IDBDatabase> | undefined;

/** The browser's database: dashboards may be larger than what its storage of texts takes. */
function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(DRAFTS, { keyPath: "uid" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser keeps no drafts."));
  });
  return opened;
}

async function ask<T>(mode: IDBTransactionMode, act: (drafts: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  return new Promise<T>((resolve, reject) => {
    const request = act(database.transaction(DRAFTS, mode).objectStore(DRAFTS));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser keeps no drafts."));
  });
}

/** The changes that are kept of a dashboard; undefined where there are none, or the browser keeps nothing. */
export async function readKeptDraft(uid: string): Promise<KeptDraft | undefined> {
  try {
    return await ask<KeptDraft | undefined>(
      "readonly",
      (drafts) => drafts.get(uid) as IDBRequest<KeptDraft | undefined>,
    );
  } catch {
    return undefined;
  }
}

/** Keeps changes for a later visit. @returns whether the browser took them */
export async function keepDraft(draft: KeptDraft): Promise<boolean> {
  try {
    await ask("readwrite", (drafts) => drafts.put(draft));
    return true;
  } catch {
    return false;
  }
}

/** Forgets the changes of a dashboard. */
export async function forgetDraft(uid: string): Promise<void> {
  try {
    await ask("readwrite", (drafts) => drafts.delete(uid));
  } catch {
    // Where nothing is kept there is nothing to forget.
  }
}
