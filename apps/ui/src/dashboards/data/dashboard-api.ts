import {
  loadQueryExtras,
  type ResolvedTimeRange,
  type SourceKind,
  type SourceListing,
  unknownSourceKind,
  type VariableOption,
  type Visit,
} from "@narthex/dashboards";
import { dashboardsPath, rootPath } from "../../api/root-path.ts";
import { takeEarly } from "../../api/early-requests.ts";
import { fetchJson, type Params } from "../../api/request.ts";
import { dashboardUrl, SOURCES_URL } from "./opening-requests.ts";

/** Metadata that the server returns next to a dashboard's JSON. */
export interface DashboardMeta {
  readonly canSave?: boolean;
  readonly canEdit?: boolean;
  readonly canAdmin?: boolean;
  readonly canStar?: boolean;
  readonly isStarred?: boolean;
  readonly slug?: string;
  readonly url?: string;
  readonly version?: number;
  readonly updated?: string;
  readonly updatedBy?: string;
  readonly folderTitle?: string;
  readonly folderUid?: string;
  readonly provisioned?: boolean;
  /** The file from which the dashboard was provisioned. */
  readonly provisionedExternalId?: string;
  readonly canDelete?: boolean;
}

/** A dashboard as the server stores it. */
export interface StoredDashboard {
  readonly dashboard: unknown;
  readonly meta: DashboardMeta;
}

/** @throws {ApiError} with status 404 if there is no such dashboard */
export function fetchDashboard(uid: string, signal: AbortSignal): Promise<StoredDashboard> {
  const url = dashboardUrl(uid);
  return takeEarly<StoredDashboard>(url) ?? fetchJson<StoredDashboard>(url, { signal });
}

/** Returns the dashboard of the home page, or a path to which the page redirects. */
export const fetchHome = (
  signal: AbortSignal,
): Promise<{ readonly redirectUri?: unknown; readonly dashboard?: unknown }> =>
  fetchJson(`${rootPath}/api/dashboards/home`, { signal });

export interface SearchHit {
  readonly uid: string;
  readonly title: string;
  readonly url: string;
  readonly type: "dash-db" | "dash-folder";
  readonly tags: readonly string[];
  readonly isStarred: boolean;
  readonly folderUid?: string;
  readonly folderTitle?: string;
}

export const searchDashboards = (
  query: string,
  tags: readonly string[],
  signal?: AbortSignal,
): Promise<readonly SearchHit[]> =>
  fetchJson<readonly SearchHit[]>(`${rootPath}/api/search`, {
    params: { query: query === "" ? undefined : query, tag: tags, limit: 5000 },
    ...(signal === undefined ? {} : { signal }),
  });

/** Searches for dashboards, not folders. `params` are the parameters of the server's search endpoint. */
export const findDashboards = (params: Params, signal: AbortSignal): Promise<readonly SearchHit[]> =>
  fetchJson<readonly SearchHit[]>(`${dashboardsPath}/api/search`, { params: { type: "dash-db", ...params }, signal });

interface ListedSources {
  readonly sources: readonly (Omit<SourceListing, "kind" | "timeInterval"> & { readonly timeInterval?: string })[];
  /** Descriptions of the kinds of data sources in the list. */
  readonly kinds: readonly SourceKind[];
}

export async function fetchSources(signal?: AbortSignal): Promise<readonly SourceListing[]> {
  const early = takeEarly<ListedSources>(SOURCES_URL);
  const { sources, kinds } = await (early ??
    fetchJson<ListedSources>(SOURCES_URL, signal === undefined ? {} : { signal }));
  if (kinds.some(({ language }) => language.hasExtras)) await loadQueryExtras();
  return sources.map(({ timeInterval = "", ...source }) => ({
    ...source,
    timeInterval,
    kind: kinds.find(({ types }) => types.includes(source.type)) ?? unknownSourceKind(source.type),
  }));
}

/**
 * Returns the values of a variable's query.
 * @throws {ApiError} with the data source's message
 */
export async function fetchVariableValues(
  datasource: { readonly uid: string },
  query: unknown,
  range: ResolvedTimeRange,
  signal: AbortSignal,
): Promise<readonly VariableOption[]> {
  const { values } = await fetchJson<{ values: readonly VariableOption[] }>(
    `${rootPath}/api/narthex/variables/values`,
    {
      method: "POST",
      json: { datasource, query, from: String(range.from), to: String(range.to) },
      signal,
    },
  );
  return values;
}

/**
 * Returns the signed-in user.
 * @throws {ApiError} with status 401 if no user is signed in
 */
export const fetchUser = (signal: AbortSignal): Promise<Visit["user"]> => fetchJson(`${rootPath}/api/user`, { signal });

/** @throws {ApiError} */
export const fetchOrg = (signal: AbortSignal): Promise<Visit["org"]> => fetchJson(`${rootPath}/api/org`, { signal });

/**
 * Adds a dashboard to the user's favourites, or removes it.
 * @throws {ApiError}
 */
export const starDashboard = (uid: string, isStarred: boolean): Promise<unknown> =>
  fetchJson(`${rootPath}/api/user/stars/dashboard/uid/${encodeURIComponent(uid)}`, {
    method: isStarred ? "POST" : "DELETE",
  });

/**
 * Checks an untrusted redirect target. Returns its path if it is on this server, otherwise the path of the start page.
 */
export function localPath(text: unknown): string {
  const start = `${rootPath}/`;
  if (typeof text !== "string" || !text.startsWith("/")) return start;
  const url = URL.parse(text, location.origin);
  // Rejects a path that starts with two slashes, because browsers would read it as the address of another server.
  if (url === null || url.origin !== location.origin || url.pathname.startsWith("//")) return start;
  return `${url.pathname}${url.search}${url.hash}`;
}
