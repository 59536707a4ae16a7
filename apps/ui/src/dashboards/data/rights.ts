import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { ApiError, fetchJson } from "../../api/request.ts";
import { dashboardsPath } from "../../api/root-path.ts";
import { frontendSettingsQuery } from "../../api/frontend-settings.ts";
import { useViewer, type Viewer, viewerOf } from "../../shell/viewer.ts";

interface Named {
  readonly uid: string;
}

/** The folders, data sources and service accounts that the user may administer. */
interface OwnedPlaces {
  readonly folders: readonly Named[];
  readonly dataSources: readonly Named[];
  /** The service accounts that the user may manage. */
  readonly serviceAccounts: readonly { readonly id: number }[];
}

/** The rights of the user who views the page. */
export interface Rights extends Viewer, OwnedPlaces {
  readonly isInTeam: boolean;
  /** Whether the user may restore deleted dashboards, or has deleted some. */
  readonly mayRestore: boolean;
}

/** Reports whether the user manages all service accounts, or at least one. */
export const managesServiceAccounts = ({ isOrgAdmin, serviceAccounts }: Rights): boolean =>
  isOrgAdmin || serviceAccounts.length > 0;

/** Reports whether the user may change the permissions of all data sources, or of at least one. */
export const managesDataSources = ({ isOrgAdmin, dataSources }: Rights): boolean =>
  isOrgAdmin || dataSources.length > 0;

const NOTHING: OwnedPlaces = { folders: [], dataSources: [], serviceAccounts: [] };
const NO_DELETED: Deleted = { dashboards: [], folders: [] };

interface Deleted {
  readonly dashboards: readonly unknown[];
  readonly folders: readonly unknown[];
}

/** Returns the response to a request, or the value `none` if the server refuses the request for lack of permission. */
async function unlessForbidden<T>(path: string, none: T, signal: AbortSignal): Promise<T> {
  try {
    return await fetchJson<T>(`${dashboardsPath}${path}`, { signal });
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return none;
    throw error;
  }
}

/** Prefix of the query cache keys of the user's rights. */
export const rightsKey = ["rights"] as const;

const ownedQuery = queryOptions({
  queryKey: [...rightsKey, "owned"],
  queryFn: ({ signal }) => unlessForbidden("/api/narthex/permissions", NOTHING, signal),
  staleTime: 30_000,
});

async function fetchRights(client: QueryClient, signal: AbortSignal): Promise<Rights> {
  const viewer = viewerOf(await client.ensureQueryData(frontendSettingsQuery));
  const { isOrgAdmin, isSignedIn } = viewer;
  if (isOrgAdmin || !isSignedIn) return { ...viewer, ...NOTHING, isInTeam: isOrgAdmin, mayRestore: isOrgAdmin };
  const [teams, owned, deleted] = await Promise.all([
    unlessForbidden<readonly unknown[]>("/api/user/teams", [], signal),
    client.fetchQuery(ownedQuery),
    viewer.isEditor ? undefined : unlessForbidden("/api/narthex/deleted", NO_DELETED, signal),
  ]);
  const mayRestore = deleted === undefined || deleted.dashboards.length + deleted.folders.length > 0;
  return { ...viewer, ...owned, isInTeam: teams.length > 0, mayRestore };
}

const rightsQuery = queryOptions({
  queryKey: [...rightsKey, "all"],
  queryFn: ({ client, signal }) => fetchRights(client, signal),
  staleTime: 30_000,
});

/**
 * Returns the rights of the user. For admins of the organization, this sends only the request for the page's settings.
 */
export const useRights = () => useQuery(rightsQuery);

/**
 * Returns a function that reports whether the user may change the permissions of a folder. Requests only these
 * permissions, not all rights of the user.
 */
export function useFolderAdmin(): (uid: string) => boolean {
  const viewer = useViewer();
  const isAsked = viewer?.isSignedIn === true && !viewer.isOrgAdmin;
  const { data } = useQuery({ ...ownedQuery, enabled: isAsked });
  return (uid) => viewer?.isOrgAdmin === true || (isAsked && data?.folders.some((one) => one.uid === uid) === true);
}
