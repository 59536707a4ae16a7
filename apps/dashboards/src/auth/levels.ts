import type { Identity, OrgRole } from "@narthex/http";

export { isOrgRole as isRole } from "@narthex/http";

/**
 * The rights of an account in a folder, on a dashboard or on a data source. Each level includes the ones before it. The numbers are those
 * of Grafana's API.
 */
export type Level = 0 | 1 | 2 | 4;

/** The level that each action needs. */
export const LEVEL_OF = { view: 1, edit: 2, admin: 4 } as const satisfies Readonly<Record<string, Level>>;
export type Action = keyof typeof LEVEL_OF;

/** The levels that a permission can give, in the order of the API. */
export const LEVELS = [1, 2, 4] as const satisfies readonly Level[];

/** Names of levels in Grafana's API: those of folders and dashboards, and those of data sources. */
export type LevelNames = Readonly<Record<Level, string>>;
export const LEVEL_NAMES: LevelNames = { 0: "", 1: "View", 2: "Edit", 4: "Admin" };
export const SOURCE_LEVEL_NAMES: LevelNames = { ...LEVEL_NAMES, 1: "Query" };

/**
 * The levels that a permission on a service account can give. There is no level that only allows viewing, as in
 * Grafana.
 */
export const ACCOUNT_LEVELS = [2, 4] as const satisfies readonly Level[];

const LEVEL_OF_ROLE: Readonly<Record<OrgRole, Level>> = { None: 0, Viewer: 1, Editor: 2, Admin: 4 };

/** Returns the level that a role has at the root. */
export const roleLevel = (identity: Pick<Identity, "role"> | undefined): Level =>
  identity === undefined ? 0 : LEVEL_OF_ROLE[identity.role];
