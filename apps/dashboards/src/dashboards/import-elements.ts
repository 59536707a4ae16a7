import type { LibraryStore } from "../library-panels/library-store.ts";
import { isUid, MAX_UID_LENGTH } from "../state/uids.ts";
import { isObject } from "../web/request-body.ts";
import type { DashboardJson } from "./dashboard-record.ts";

interface ImportOptions {
  readonly library: LibraryStore;
  readonly folderUid: string;
  readonly user: string;
}

/**
 * Adds the library panels that an exported dashboard contains. Panels that already exist stay unchanged; incomplete
 * ones are ignored. Rejects with Refusal or StoreError.
 */
export async function importElements(json: DashboardJson, { library, folderUid, user }: ImportOptions): Promise<void> {
  const elements = Object.hasOwn(json, "__elements") ? json["__elements"] : undefined;
  if (typeof elements !== "object" || elements === null) return;
  for (const element of Object.values(elements).slice(0, MAX_ELEMENTS)) {
    if (!isObject(element)) continue;
    const { uid, name, kind = 1, model } = element;
    const isWhole = typeof uid === "string" && typeof name === "string" && name !== "" && isObject(model);
    if (!isWhole || !isUid(uid) || uid.length > MAX_UID_LENGTH || library.byUid(uid) !== undefined) continue;
    const draft = { uid, folderUid, kind: typeof kind === "number" ? kind : 1, model, user };
    await library.add({ ...draft, name: library.freeName(name, folderUid) });
  }
}

const MAX_ELEMENTS = 1000;
