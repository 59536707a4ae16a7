import { isObject } from "../web/request-body.ts";

/** The file from which a dashboard was provisioned. */
export interface Provisioned {
  readonly provider: string;
  /** Path below the provider's folder. */
  readonly file: string;
  /** Checksum of the file's text. */
  readonly checksum: string;
  /** The folder in which the file placed it. Users may have moved it since. */
  readonly folderUid: string;
  /** Whether users may save it. The next change of the file replaces what they saved. */
  readonly allowUiUpdates: boolean;
}

/** A version of a dashboard. */
export interface DashboardVersion {
  readonly version: number;
  readonly parentVersion: number;
  /** The version that it was restored from; 0 if it was not restored. */
  readonly restoredFrom: number;
  /** Unix ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly message: string;
}

/** Metadata of a dashboard, without its JSON. */
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
  /** Whether only admins can see it, whatever its folder. */
  readonly isForAdmins?: boolean;
  /** Uids of the library panels that it shows, if any. */
  readonly libraryPanels?: readonly string[];
  /** The stored versions, the newest first. */
  readonly versions: readonly DashboardVersion[];
}

/** A dashboard's JSON, including unknown keys. */
export type DashboardJson = Readonly<Record<string, unknown>>;

/** Largest length of titles and of messages of saves. */
export const MAX_TITLE = 5000;
export const MAX_MESSAGE = 500;

/** Returns the tags in a dashboard's JSON, without duplicates. */
export function tagsOf(json: DashboardJson): readonly string[] {
  const tags = Object.hasOwn(json, "tags") ? json["tags"] : undefined;
  if (!Array.isArray(tags)) return [];
  return [...new Set(tags.filter((tag): tag is string => typeof tag === "string" && tag !== ""))].slice(0, 500);
}

/**
 * Returns the uids of the library panels to which a dashboard's JSON refers, also within rows, in the classic and the
 * newer form.
 */
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
