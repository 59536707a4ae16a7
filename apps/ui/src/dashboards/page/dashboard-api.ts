import type { ResolvedTimeRange, VariableOption, Visit } from "@narthex/dashboards";
import { rootPath } from "../../api/root-path.ts";
import { takeEarly } from "../../api/early-requests.ts";
import { callBare, type Params } from "../../api/request.ts";
import type { SourceListing } from "../query/ask-panel.ts";
import { dashboardUrl, SOURCES_URL } from "./opening-requests.ts";

/** What the role says of a dashboard beside its JSON. */
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
  /** The file that it comes from. */
  readonly provisionedExternalId?: string;
  readonly canDelete?: boolean;
}

/** A dashboard as the role keeps it. */
export interface StoredDashboard {
  readonly dashboard: unknown;
  readonly meta: DashboardMeta;
}

/** @throws {ApiError} of status 404 where there is none */
export function fetchDashboard(uid: string, signal: AbortSignal): Promise<StoredDashboard> {
  const url = dashboardUrl(uid);
  return takeEarly<StoredDashboard>(url) ?? callBare<StoredDashboard>(url, { signal });
}

/** The dashboard of the start page, or where that is. */
export const fetchHome = (
  signal: AbortSignal,
): Promise<{ readonly redirectUri?: unknown; readonly dashboard?: unknown }> =>
  callBare(`${rootPath}/api/dashboards/home`, { signal });

/** An entry of the list of dashboards. */
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
  callBare<readonly SearchHit[]>(`${rootPath}/api/search`, {
    params: { query: query === "" ? undefined : query, tag: tags, limit: 5000 },
    ...(signal === undefined ? {} : { signal }),
  });

/** Dashboards alone, by what the role's search can be asked for. */
export const findDashboards = (params: Params, signal: AbortSignal): Promise<readonly SearchHit[]> =>
  callBare<readonly SearchHit[]>(`${rootPath}/api/search`, { params: { type: "dash-db", ...params }, signal });

interface SourceJson {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
  readonly jsonData?: { readonly timeInterval?: unknown; readonly alertmanagerUid?: unknown };
}

export async function fetchSources(signal?: AbortSignal): Promise<readonly SourceListing[]> {
  const early = takeEarly<readonly SourceJson[]>(SOURCES_URL);
  const list = await (early ?? callBare<readonly SourceJson[]>(SOURCES_URL, signal === undefined ? {} : { signal }));
  return list.map(({ uid, name, type, isDefault, jsonData }) => ({
    uid,
    name,
    type,
    isDefault,
    timeInterval: typeof jsonData?.timeInterval === "string" ? jsonData.timeInterval : "",
    ...(typeof jsonData?.alertmanagerUid === "string" ? { alertmanagerUid: jsonData.alertmanagerUid } : {}),
  }));
}

/** What the query of a variable gives. @throws {ApiError} with the source's sentence */
export async function fetchVariableValues(
  datasource: { readonly uid: string },
  query: unknown,
  range: ResolvedTimeRange,
  signal: AbortSignal,
): Promise<readonly VariableOption[]> {
  const { values } = await callBare<{ values: readonly VariableOption[] }>(`${rootPath}/api/narthex/variables/values`, {
    method: "POST",
    json: { datasource, query, from: String(range.from), to: String(range.to) },
    signal,
  });
  return values;
}

/** Who is signed in. @throws {ApiError} of status 401 where nobody is */
export const fetchUser = (signal: AbortSignal): Promise<Visit["user"]> => callBare(`${rootPath}/api/user`, { signal });

/** @throws {ApiError} */
export const fetchOrg = (signal: AbortSignal): Promise<Visit["org"]> => callBare(`${rootPath}/api/org`, { signal });

/** Marks a dashboard as a favourite of who is signed in, or no longer. @throws {ApiError} */
export const starDashboard = (uid: string, isStarred: boolean): Promise<unknown> =>
  callBare(`${rootPath}/api/user/stars/dashboard/uid/${encodeURIComponent(uid)}`, {
    method: isStarred ? "POST" : "DELETE",
  });

/** Signs in. @returns where to go on, a path of this server @throws {ApiError} with the role's sentence */
export async function signIn(user: string, password: string): Promise<string> {
  const { redirectUrl } = await callBare<{ readonly redirectUrl?: unknown }>(`${rootPath}/login`, {
    method: "POST",
    json: { user, password },
  });
  return localPath(redirectUrl);
}

/** A path of this server as it was told; its start page where the text may lead elsewhere. */
export function localPath(text: unknown): string {
  const start = `${rootPath}/`;
  if (typeof text !== "string" || !text.startsWith("/")) return start;
  const url = URL.parse(text, location.origin);
  // A path that begins with two slashes is the address of another server, though this one made it.
  if (url === null || url.origin !== location.origin || url.pathname.startsWith("//")) return start;
  return `${url.pathname}${url.search}${url.hash}`;
}
