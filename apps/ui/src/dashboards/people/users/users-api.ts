import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import type { Names } from "../frame/NamesForm.tsx";
import type { OrgRole } from "../frame/RoleSelect.tsx";
import type { Session } from "../frame/SessionTable.tsx";

/** A user in the list. */
export interface ListedUser {
  readonly userId: number;
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly role: OrgRole;
  readonly lastSeenAt: string;
  readonly isDisabled: boolean;
  /** Names of the providers and directories with which the user signs in. */
  readonly authLabels?: readonly string[];
  /** Whether the user administers the server. The server sends this only to admins of the server. */
  readonly isServerAdmin?: boolean;
}

/** The data of a user that admins of the server see and change. */
export interface UserDetails {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly isGrafanaAdmin: boolean;
  readonly isDisabled: boolean;
  readonly role: OrgRole;
  readonly teams: readonly { readonly id: number; readonly uid: string; readonly name: string }[];
  readonly sessions: readonly Session[];
}

/** Values of the form for a new user. */
export interface UserDraft extends Names {
  readonly password: string;
  readonly role: OrgRole;
}

const api = `${rootPath}/api`;
/** Maximum number of results in one response of the API. */
const MAX_OF_PAGE = 5000;

/** Query cache key of all lists of users, and of single ones. */
export const usersKey = ["users"] as const;
export const userKey = (id: string) => [...usersKey, "one", id] as const;

/**
 * Returns the users whose names contain a text, as an admin of the server or of the organization sees them.
 * @throws {ApiError}
 */
export async function fetchUsers(query: string, isServerAdmin: boolean, signal: AbortSignal) {
  const params = { query: query === "" ? undefined : query };
  if (!isServerAdmin) return fetchJson<readonly ListedUser[]>(`${api}/org/users`, { params, signal });
  const [members, { users }] = await Promise.all([
    fetchJson<readonly ListedUser[]>(`${api}/orgs/1/users`, { params, signal }),
    fetchJson<{ readonly users: readonly { readonly id: number; readonly isAdmin: boolean }[] }>(
      `${api}/users/search`,
      { params: { ...params, perpage: MAX_OF_PAGE }, signal },
    ),
  ]);
  const admins = new Set(users.filter(({ isAdmin }) => isAdmin).map(({ id }) => id));
  return members.map((member) => ({ ...member, isServerAdmin: admins.has(member.userId) }));
}

/** @throws {ApiError} with status 404 if there is no such user */
export async function fetchUser(id: string, signal: AbortSignal): Promise<UserDetails> {
  const path = `${api}/users/${encodeURIComponent(id)}`;
  const [user, orgs, teams, sessions] = await Promise.all([
    fetchJson<Omit<UserDetails, "role" | "teams" | "sessions">>(path, { signal }),
    fetchJson<readonly { readonly role: OrgRole }[]>(`${path}/orgs`, { signal }),
    fetchJson<UserDetails["teams"]>(`${path}/teams`, { signal }),
    fetchJson<readonly Session[]>(`${api}/admin/users/${encodeURIComponent(id)}/auth-tokens`, { signal }),
  ]);
  return { ...user, role: orgs[0]?.role ?? "None", teams, sessions };
}

/**
 * Adds a user with a role.
 * @throws {ApiError} if a name is taken, or the password does not follow the rules
 */
export async function addUser({ role, ...draft }: UserDraft): Promise<void> {
  const { id } = await fetchJson<{ readonly id: number }>(`${api}/admin/users`, { method: "POST", json: draft });
  await setRoleAnywhere(id, role);
}

/** Sets a user's role in the organization. The viewer must administer the organization. */
export const setRole = (id: number, role: OrgRole): Promise<unknown> =>
  fetchJson(`${api}/org/users/${id}`, { method: "PATCH", json: { role } });

/** Sets a user's role in the organization. The viewer must administer the server. */
export const setRoleAnywhere = (id: number, role: OrgRole): Promise<unknown> =>
  fetchJson(`${api}/orgs/1/users/${id}`, { method: "PATCH", json: { role } });

export const saveUserNames = (id: number, names: Names): Promise<unknown> =>
  fetchJson(`${api}/users/${id}`, { method: "PUT", json: names });

const admin = (id: number): string => `${api}/admin/users/${id}`;

/** @throws {ApiError} if no admin of the server would be left */
export const setServerAdmin = (id: number, isGrafanaAdmin: boolean): Promise<unknown> =>
  fetchJson(`${admin(id)}/permissions`, { method: "PUT", json: { isGrafanaAdmin } });

/** @throws {ApiError} if the password does not follow the rules */
export const setPassword = (id: number, password: string): Promise<unknown> =>
  fetchJson(`${admin(id)}/password`, { method: "PUT", json: { password } });

export const setDisabled = (id: number, isDisabled: boolean): Promise<unknown> =>
  fetchJson(`${admin(id)}/${isDisabled ? "disable" : "enable"}`, { method: "POST" });

/** A user's passkeys, and whether the user has two-step codes. */
interface SecondStep {
  /** Number of passkeys. */
  readonly passkeys: number;
  /** Whether the user must enter a two-step code after the password. */
  readonly twoStep: boolean;
}

export const secondStepQuery = (id: number) => ({
  queryKey: [...userKey(String(id)), "second step"],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<SecondStep> =>
    fetchJson(`${admin(id)}/second-step`, { signal }),
});

/** Removes the passkeys and the two-step codes of a user, and ends the user's sessions. */
export const removeSecondStep = (id: number): Promise<unknown> =>
  fetchJson(`${admin(id)}/second-step`, { method: "DELETE" });

export const deleteUser = (id: number): Promise<unknown> => fetchJson(admin(id), { method: "DELETE" });

export const endSession = (id: number, authTokenId: number): Promise<unknown> =>
  fetchJson(`${admin(id)}/revoke-auth-token`, { method: "POST", json: { authTokenId } });

export const endAllSessions = (id: number): Promise<unknown> => fetchJson(`${admin(id)}/logout`, { method: "POST" });
