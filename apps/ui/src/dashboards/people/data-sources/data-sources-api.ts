import { type JsonObject, type SourceKind, type SourceSetting } from "@narthex/dashboards";
import { queryOptions } from "@tanstack/react-query";
import { ApiError, fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

/** A kind of data source with the inputs of its form. */
export interface SourceKindForm extends SourceKind {
  readonly defaults: JsonObject;
  readonly settings: readonly SourceSetting[];
}

/** The settings of a data source. The server does not send the values of secrets. */
export interface SourceSettings {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly withCredentials: boolean;
  readonly isDefault: boolean;
  readonly jsonData: JsonObject;
  /** Names of the secrets that the server stores. */
  readonly secureJsonFields: Readonly<Record<string, boolean>>;
  /** Whether a provisioning file defines the data source, so that users cannot change it. */
  readonly readOnly: boolean;
  readonly version: number;
}

/**
 * Settings of a data source as the page sends them. Secrets that are missing keep their stored value; an empty secret
 * is removed.
 */
export interface SourceDraft extends Omit<SourceSettings, "secureJsonFields" | "readOnly"> {
  readonly secureJsonData: Readonly<Record<string, string>>;
}

export interface SourceHealth {
  readonly isOk: boolean;
  readonly message: string;
}

const SOURCES = `${rootPath}/api/datasources`;
const sourcePath = (uid: string): string => `${SOURCES}/uid/${encodeURIComponent(uid)}`;

/** Query cache key of the settings of all data sources. */
export const settingsKey = ["source settings"] as const;

export const sourceKindsQuery = queryOptions({
  queryKey: ["source kinds"],
  queryFn: async ({ signal }) =>
    (await fetchJson<{ readonly kinds: readonly SourceKindForm[] }>(`${rootPath}/api/narthex/source-kinds`, { signal }))
      .kinds,
  staleTime: Infinity,
});

export const sourceSettingsQuery = (uid: string) =>
  queryOptions({
    queryKey: [...settingsKey, uid],
    queryFn: ({ signal }) => fetchJson<SourceSettings>(sourcePath(uid), { signal }),
  });

/** @throws {ApiError} if another data source has the name */
export const addSource = (
  draft: Pick<SourceSettings, "name" | "type" | "jsonData">,
): Promise<{
  readonly datasource: SourceSettings;
}> => fetchJson(SOURCES, { method: "POST", json: { ...draft, access: "proxy" } });

/**
 * Saves the settings of a data source, and returns them with their new version. @throws {ApiError} if the settings are
 * invalid, or if another user has changed them
 */
export const saveSource = (draft: SourceDraft): Promise<{ readonly datasource: SourceSettings }> =>
  fetchJson(sourcePath(draft.uid), { method: "PUT", json: { ...draft, access: "proxy" } });

/** The dashboards that name a data source: the number of all, and the first of them. */
export interface SourceUses {
  readonly count: number;
  readonly dashboards: readonly { readonly uid: string; readonly title: string; readonly url: string }[];
}

export const sourceUsesQuery = (uid: string) =>
  queryOptions({
    queryKey: ["source uses", uid],
    queryFn: ({ signal }) =>
      fetchJson<SourceUses>(`${rootPath}/api/narthex/sources/${encodeURIComponent(uid)}/dashboards`, { signal }),
  });

export const deleteSource = (uid: string): Promise<unknown> => fetchJson(sourcePath(uid), { method: "DELETE" });

/** Requests a test whether the server can reach a data source with its saved settings. */
export async function testSourceHealth(uid: string): Promise<SourceHealth> {
  try {
    const { message } = await fetchJson<{ readonly message: string }>(`${sourcePath(uid)}/health`);
    return { isOk: true, message };
  } catch (error) {
    if (error instanceof ApiError) return { isOk: false, message: error.message };
    throw error;
  }
}
