import type { OwnPermissions } from "../access/own-permissions.ts";
import { isObject } from "../web/request-body.ts";

/** The file from which a dashboard was provisioned. */
export interface Provisioned {
  readonly provider: string;
  /** Path of the file, relative to the provider's folder. */
  readonly file: string;
  /** Checksum of the file's text. */
  readonly checksum: string;
  /** Uid of the folder in which the file placed the dashboard. Users may have moved the dashboard since. */
  readonly folderUid: string;
  /** Whether users may save the dashboard. The next change of the file replaces what users have saved. */
  readonly allowUiUpdates: boolean;
}

/** A version of a dashboard. */
export interface DashboardVersion {
  readonly version: number;
  readonly parentVersion: number;
  /** The version from which this version was restored; 0 if it was not restored. */
  readonly restoredFrom: number;
  /** Time of creation, Unix ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly message: string;
}

export interface DashboardRecord extends OwnPermissions {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** Uid of the folder that contains the dashboard; empty for the root. */
  readonly folderUid: string;
  readonly version: number;
  /** Time of creation, Unix ms. */
  readonly created: number;
  readonly createdBy: string;
  readonly updated: number;
  readonly updatedBy: string;
  readonly provisioned?: Provisioned;
  /**
   * Whether the dashboard was imported from a Grafana server. If a provisioning file replaces it, the file's dashboard
   * keeps the imported permissions.
   */
  readonly isImported?: boolean;
  /** Uids of the library panels that the dashboard shows, if any. */
  readonly libraryPanels?: readonly string[];
  /** The stored versions, the newest first. */
  readonly versions: readonly DashboardVersion[];
}

/** A dashboard's JSON, including unknown keys. */
export type DashboardJson = Readonly<Record<string, unknown>>;

/** Maximum length, in characters, of a title and of the message of a saved version. */
export const MAX_TITLE = 5000;
export const MAX_MESSAGE = 500;

/** Maximum length of a tag that is searched and listed, in characters. */
const MAX_TAG = 200;

/** Returns the tags in a dashboard's JSON, without duplicates and without overlong ones. */
export function tagsOf(json: DashboardJson): readonly string[] {
  const tags = Object.hasOwn(json, "tags") ? json["tags"] : undefined;
  if (!Array.isArray(tags)) return [];
  return [
    ...new Set(tags.filter((tag): tag is string => typeof tag === "string" && tag !== "" && tag.length <= MAX_TAG)),
  ].slice(0, 500);
}

/**
 * Returns the uids of the library panels to which a dashboard's JSON refers, including panels within rows. Reads the
 * classic and the v2 form.
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
