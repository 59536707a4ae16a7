import { useQuery } from "@tanstack/react-query";
import { type FrontendSettings, frontendSettingsQuery } from "./frontend-settings.ts";

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

/** Returns the user who views the page; undefined while the request runs. */
export const useViewer = (): Viewer | undefined => useQuery({ ...frontendSettingsQuery, select: viewerOf }).data;

/** Returns whether the user may create and change dashboards and folders; undefined while the request runs. */
export const useIsEditor = (): boolean | undefined => useViewer()?.isEditor;
