import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

export interface Team {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly email: string;
  readonly memberCount: number;
  /** 4 if the viewer may change the team, otherwise 0. */
  readonly permission: number;
  /** Selector of the series that the team's members may read; absent for all series. */
  readonly narthexMatchers?: string;
}

/** A member of a team. */
export interface Member {
  readonly userId: number;
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly permission: number;
}

export interface TeamDraft {
  readonly name: string;
  readonly email: string;
  /**
   * Selector of the series that members may read; an empty text removes it. Only admins of the organization may send
   * it.
   */
  readonly narthexMatchers?: string;
}

/** Value of `permission` in the API for an admin of a team. Other members have 0. */
export const TEAM_ADMIN = 4;
/** Maximum number of results in one response of the API. */
const MAX_OF_PAGE = 5000;
const TEAMS = `${rootPath}/api/teams`;

/** Query cache key of all lists of teams, and of single ones with their members. */
export const teamsKey = ["teams"] as const;

/**
 * Returns the teams whose names contain a text: all teams for admins of the organization, otherwise only the viewer's
 * teams.
 */
export const searchTeams = (query: string, signal: AbortSignal): Promise<{ readonly teams: readonly Team[] }> =>
  fetchJson(`${TEAMS}/search`, { params: { query: query === "" ? undefined : query, perpage: MAX_OF_PAGE }, signal });

/** @throws {ApiError} with status 403 or 404 if the viewer may not see the team */
export async function fetchTeam(uid: string, signal: AbortSignal) {
  const path = `${TEAMS}/${encodeURIComponent(uid)}`;
  const [team, members] = await Promise.all([
    fetchJson<Team>(path, { signal }),
    fetchJson<readonly Member[]>(`${path}/members`, { signal }),
  ]);
  return { ...team, members };
}

export type TeamDetails = Awaited<ReturnType<typeof fetchTeam>>;

/** @throws {ApiError} if another team has the name */
export const addTeam = (draft: TeamDraft): Promise<{ readonly uid: string }> =>
  fetchJson(TEAMS, { method: "POST", json: draft });

/** @throws {ApiError} if another team has the name */
export const changeTeam = (id: number, draft: TeamDraft): Promise<unknown> =>
  fetchJson(`${TEAMS}/${id}`, { method: "PUT", json: draft });

export const deleteTeam = (id: number): Promise<unknown> => fetchJson(`${TEAMS}/${id}`, { method: "DELETE" });

export const addMember = (id: number, userId: number): Promise<unknown> =>
  fetchJson(`${TEAMS}/${id}/members`, { method: "POST", json: { userId } });

export const setMemberLevel = (id: number, userId: number, permission: number): Promise<unknown> =>
  fetchJson(`${TEAMS}/${id}/members/${userId}`, { method: "PUT", json: { permission } });

export const removeMember = (id: number, userId: number): Promise<unknown> =>
  fetchJson(`${TEAMS}/${id}/members/${userId}`, { method: "DELETE" });
