import type { Identity, OrgRole } from "@narthex/http";

/**
 * The rights of an account in a folder or on a dashboard. Each level includes the ones before it. The numbers are those
 * of Grafana's API.
 */
export type Level = 0 | 1 | 2 | 4;

/** The actions that need a level, and the level that each needs. */
export const LEVEL_OF = { view: 1, edit: 2, admin: 4 } as const satisfies Readonly<Record<string, Level>>;
export type Action = keyof typeof LEVEL_OF;

/** Names of levels in Grafana's API. */
export const LEVEL_NAMES: Readonly<Record<Level, string>> = { 0: "", 1: "View", 2: "Edit", 4: "Admin" };

const LEVEL_OF_ROLE: Readonly<Record<OrgRole, Level>> = { None: 0, Viewer: 1, Editor: 2, Admin: 4 };

/** Returns the level that a role has at the root. */
export const roleLevel = (identity: Pick<Identity, "role"> | undefined): Level =>
  identity === undefined ? 0 : LEVEL_OF_ROLE[identity.role];
