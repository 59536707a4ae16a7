import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import type { Session } from "../frame/SessionTable.tsx";

export interface Names {
  readonly login: string;
  readonly name: string;
  readonly email: string;
}

interface Profile extends Names {
  readonly id: number;
  /** Names of the providers and directories with which the user signs in. */
  readonly authLabels?: readonly string[];
}

interface OwnTeam {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly memberCount: number;
}

interface UserPreferences {
  readonly homeDashboardUID: string;
}

const USER = `${rootPath}/api/user`;

/** Query cache key of everything on the profile. */
export const profileKey = ["profile"] as const;

export const profileQuery = {
  queryKey: [...profileKey, "names"],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<Profile> => fetchJson(USER, { signal }),
};

/** @throws {ApiError} if another user has the login or address */
export const saveNames = (names: Names): Promise<unknown> => fetchJson(USER, { method: "PUT", json: names });

export const ownTeamsQuery = {
  queryKey: [...profileKey, "teams"],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<readonly OwnTeam[]> => fetchJson(`${USER}/teams`, { signal }),
};

export const preferencesQuery = {
  queryKey: [...profileKey, "preferences"],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<UserPreferences> =>
    fetchJson(`${USER}/preferences`, { signal }),
};

/** @throws {ApiError} if the user may not view the dashboard */
export const saveHomeDashboard = (homeDashboardUID: string): Promise<unknown> =>
  fetchJson(`${USER}/preferences`, { method: "PATCH", json: { homeDashboardUID } });

export const ownSessionsQuery = {
  queryKey: [...profileKey, "sessions"],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<readonly Session[]> =>
    fetchJson(`${USER}/auth-tokens`, { signal }),
};

export const endOwnSession = (authTokenId: number): Promise<unknown> =>
  fetchJson(`${USER}/revoke-auth-token`, { method: "POST", json: { authTokenId } });
