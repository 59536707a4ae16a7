import { useQuery } from "@tanstack/react-query";
import { homePath } from "../api/root-path.ts";
import { type FrontendSettings, frontendSettingsQuery } from "../api/frontend-settings.ts";

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

/** Returns the user who views the page, from the server's settings. */
export function viewerOf({ user = {}, disableLoginForm, oauth = {} }: FrontendSettings): Viewer {
  return {
    isEditor: user.orgRole === "Editor" || user.orgRole === "Admin" || user.isGrafanaAdmin === true,
    isOrgAdmin: user.orgRole === "Admin",
    isServerAdmin: user.isGrafanaAdmin === true,
    isSignedIn: user.isSignedIn === true,
    login: user.login ?? "",
    canSignIn: disableLoginForm !== true || Object.keys(oauth).length > 0,
  };
}

/** Returns the user who views a page of the dashboards; undefined while the request runs. */
export const useViewer = (): Viewer | undefined => useQuery({ ...frontendSettingsQuery, select: viewerOf }).data;

/**
 * Returns the user who views a page that the dashboards show for another program. Undefined while the request runs;
 * null if the user is not known, as on the program's own address.
 */
export function useViewerOfStack(): Viewer | null | undefined {
  const isShared = homePath !== undefined;
  const { data, isError } = useQuery({ ...frontendSettingsQuery, select: viewerOf, enabled: isShared });
  return data ?? (isShared && !isError ? undefined : null);
}

/** Returns whether the user may create and change dashboards and folders; undefined while the request runs. */
export const useIsEditor = (): boolean | undefined => useViewer()?.isEditor;

/**
 * Returns whether the user may change silences, alerts, rules, pushed groups and queries. If the dashboards show the
 * page, this needs the role of an editor. True if the user is not known: then the program that serves the page decides.
 */
export const useMayChange = (): boolean => useViewerOfStack()?.isEditor !== false;
