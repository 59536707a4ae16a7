import { queryOptions, useQuery } from "@tanstack/react-query";
import { fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";

interface FrontendSettings {
  readonly disableLoginForm?: boolean;
  /** The providers at which users sign in. */
  readonly oauth?: Readonly<Record<string, unknown>>;
  readonly user?: {
    readonly isSignedIn?: boolean;
    readonly login?: string;
    readonly orgRole?: string;
    readonly isGrafanaAdmin?: boolean;
  };
}

/** The user who views the page, with the user's permissions. */
export interface Viewer {
  /** Whether the user may create and change dashboards and folders. */
  readonly isEditor: boolean;
  /** Whether the user administers the organization. Visitors without a login can have this role, too. */
  readonly isOrgAdmin: boolean;
  readonly isServerAdmin: boolean;
  readonly isSignedIn: boolean;
  readonly login: string;
  /** Whether the server has a sign-in page. */
  readonly canSignIn: boolean;
}

async function fetchViewer(signal: AbortSignal): Promise<Viewer> {
  const {
    user = {},
    disableLoginForm,
    oauth = {},
  } = await fetchJson<FrontendSettings>(`${rootPath}/api/frontend/settings`, {
    signal,
  });
  return {
    isEditor: user.orgRole === "Editor" || user.orgRole === "Admin" || user.isGrafanaAdmin === true,
    isOrgAdmin: user.orgRole === "Admin",
    isServerAdmin: user.isGrafanaAdmin === true,
    isSignedIn: user.isSignedIn === true,
    login: user.login ?? "",
    canSignIn: disableLoginForm !== true || Object.keys(oauth).length > 0,
  };
}

export const viewerQuery = queryOptions({
  queryKey: ["viewer"],
  queryFn: ({ signal }) => fetchViewer(signal),
  staleTime: Infinity,
});

/** Returns the user who views the page; undefined while the request runs. */
export const useViewer = (): Viewer | undefined => useQuery(viewerQuery).data;

/** Returns whether the user may create and change dashboards and folders; undefined while the request runs. */
export const useIsEditor = (): boolean | undefined => useViewer()?.isEditor;
