import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import type { SubjectKind } from "../frame/subjects.ts";

/** Kinds of objects with permissions, as the API names them. */
export type PlaceKind = "folders" | "dashboards" | "datasources" | "serviceaccounts";

/** A permission of a role, an account or a team. */
export interface Permission {
  readonly kind: SubjectKind | "role";
  /** Id of the account or team, or the name of the role. */
  readonly id: number | string;
  /** Name of the account or team; empty if it was deleted. */
  readonly name: string;
  readonly detail: string;
  readonly level: string;
  /**
   * The folder from which the permission is inherited. Uid and title are empty if the viewer may not see the folder.
   */
  readonly from?: { readonly uid: string; readonly title: string };
}

export interface Permissions {
  readonly uid: string;
  readonly title: string;
  /** Names of the permission levels, from the lowest to the highest. */
  readonly levels: readonly string[];
  /** Whether the object inherits the permissions of its folders. Undefined if it is in no folder. */
  readonly inherit?: boolean;
  readonly own: readonly Permission[];
  readonly inherited: readonly Permission[];
}

export const permissionsKey = (kind: PlaceKind, uid: string) => ["permissions", kind, uid] as const;

const narthexPath = (kind: PlaceKind, uid: string): string =>
  `${rootPath}/api/narthex/permissions/${kind}/${encodeURIComponent(uid)}`;

/**
 * Query options for the permissions on an object. The request fails with status 403 if the viewer may not change them.
 */
export const permissionsQuery = (kind: PlaceKind, uid: string) => ({
  queryKey: permissionsKey(kind, uid),
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<Permissions> => fetchJson(narthexPath(kind, uid), { signal }),
});

const SUBJECT_PATHS: Readonly<Record<Permission["kind"], string>> = {
  role: "builtInRoles",
  user: "users",
  "service account": "users",
  team: "teams",
};

/**
 * Sets one permission.
 * @param level empty to remove the permission
 * @throws {ApiError}
 */
export const setPermission = (
  kind: PlaceKind,
  uid: string,
  { kind: of, id, level }: Pick<Permission, "kind" | "id" | "level">,
): Promise<unknown> =>
  fetchJson(
    `${rootPath}/api/access-control/${kind}/${encodeURIComponent(uid)}/${SUBJECT_PATHS[of]}/${encodeURIComponent(id)}`,
    { method: "POST", json: { permission: level } },
  );

/** @throws {ApiError} */
export const setInherit = (kind: PlaceKind, uid: string, inherit: boolean): Promise<unknown> =>
  fetchJson(`${narthexPath(kind, uid)}/inherit`, { method: "PUT", json: { inherit } });
