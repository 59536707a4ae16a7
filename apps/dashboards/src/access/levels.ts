import type { Identity, OrgRole } from "@narthex/http";

/**
 * The rights of an account in a folder or on a dashboard. Each level includes the ones before it. The numbers are those
 * of Grafana's API.
 */
export type Level = 0 | 1 | 2 | 4;

/** The actions that need a level, and the level that each needs. */
export const LEVEL_OF = { view: 1, edit: 2, admin: 4 } as const satisfies Readonly<Record<string, Level>>;
export type Action = keyof typeof LEVEL_OF;

const LEVEL_OF_ROLE: Readonly<Record<OrgRole, Level>> = { None: 0, Viewer: 1, Editor: 2, Admin: 4 };

/** Returns the level of an account in places without restrictions. */
export const roleLevel = (identity: Identity | undefined): Level =>
  identity === undefined ? 0 : LEVEL_OF_ROLE[identity.role];
