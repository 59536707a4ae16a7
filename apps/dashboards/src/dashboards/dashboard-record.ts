import { isObject } from "../web/request-body.ts";

/** The file that a dashboard comes from. */
export interface Provisioned {
  readonly provider: string;
  /** Below the provider's folder. */
  readonly file: string;
  /** Of the file's text. */
  readonly checksum: string;
  /** The folder that the file puts it in; users may have moved it since. */
  readonly folderUid: string;
  /** May users save it? The next change of the file replaces what they saved. */
  readonly allowUiUpdates: boolean;
}

/** A version of a dashboard. */
export interface DashboardVersion {
  readonly version: number;
  readonly parentVersion: number;
  /** The version that it was restored from; 0 for others. */
  readonly restoredFrom: number;
  /** Unix ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly message: string;
}

/** What is known of a dashboard besides its JSON. */
export interface DashboardRecord {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** "" for the root. */
  readonly folderUid: string;
  readonly version: number;
  /** Unix ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly updated: number;
  readonly updatedBy: string;
  readonly provisioned?: Provisioned;
  /** Only admins see it, wherever it lies. */
  readonly isForAdmins?: boolean;
  /** Uids of the library's panels that it shows, where it shows any. */
  readonly libraryPanels?: readonly string[];
  /** Those that are kept, the newest first. */
  readonly versions: readonly DashboardVersion[];
}

/** A dashboard's JSON; keys that nobody knows stay in it. */
export type DashboardJson = Readonly<Record<string, unknown>>;

/** Titles and messages of saves are no longer. */
export const MAX_TITLE = 5000;
export const MAX_MESSAGE = 500;

/** The tags of a dashboard's JSON: texts, each once. */
export function tagsOf(json: DashboardJson): readonly string[] {
  const tags = Object.hasOwn(json, "tags") ? json["tags"] : undefined;
  if (!Array.isArray(tags)) return [];
  return [...new Set(tags.filter((tag): tag is string => typeof tag === "string" && tag !== ""))].slice(0, 500);
}

/** The uids of the library's panels that a dashboard's JSON refers to, also within rows, in the classic and the newer form. */
export function libraryPanelsOf(json: DashboardJson): readonly string[] {
  const panels = listAt(json, "panels");
  const elements = Object.values(objectAt(json, "elements")).map((element) => objectAt(asObject(element), "spec"));
  const all = [...panels, ...panels.flatMap((row) => listAt(asObject(row), "panels")), ...elements];
  const uids = all.map((panel) => objectAt(asObject(panel), "libraryPanel")["uid"]);
  return [...new Set(uids.filter((uid): uid is string => typeof uid === "string" && uid !== ""))];
}

const asObject = (value: unknown): DashboardJson => (isObject(value) ? value : {});

const objectAt = (json: DashboardJson, key: string): DashboardJson =>
  asObject(Object.hasOwn(json, key) ? json[key] : undefined);

function listAt(json: DashboardJson, key: string): readonly unknown[] {
  const value = Object.hasOwn(json, key) ? json[key] : undefined;
  return Array.isArray(value) ? value : [];
}
