import { queryOptions } from "@tanstack/react-query";
import { fetchJson } from "./request.ts";
import { dashboardsPath } from "./root-path.ts";

/** Server settings that the pages need, and the user who views the page. */
export interface FrontendSettings {
  /** Public address of the server, with the path prefix of its pages. */
  readonly appUrl?: string;
  readonly disableLoginForm?: boolean;
  /** Whether the server sends mails. */
  readonly narthexMailEnabled?: boolean;
  /** Set if the server accepts passkeys. `rpId` is the host to which the passkeys belong. */
  readonly narthexPasskeys?: { readonly rpId: string };
  /**
   * File that contains the generated password of the first user. Only set for a browser on the same machine, and only
   * until the password changes.
   */
  readonly narthexFirstPassword?: string;
  /** The providers at which users sign in. */
  readonly oauth?: Readonly<Record<string, { readonly name: string }>>;
  /** Key of the provider to which the sign-in page leads at once. */
  readonly oauthAutoLogin?: string;
  readonly user?: {
    readonly isSignedIn?: boolean;
    readonly login?: string;
    readonly orgRole?: string;
    readonly isGrafanaAdmin?: boolean;
  };
}

/**
 * Requests the settings of the dashboards once for each load of the page. Components select the parts that they need.
 * Pages of other programs request them only if they are shown among the dashboards.
 */
export const frontendSettingsQuery = queryOptions({
  queryKey: ["frontend settings"],
  queryFn: ({ signal }): Promise<FrontendSettings> =>
    fetchJson<FrontendSettings>(`${dashboardsPath}/api/frontend/settings`, { signal }),
  staleTime: Infinity,
});
