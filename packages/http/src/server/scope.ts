import type { OrgRole } from "./principal.ts";

/**
 * Rights of a person or a token in all programs of the stack.
 * - `read` pages, states and metadata
 * - `query` queries of series
 * - `push` sends samples, metrics or alerts
 * - `silence` creates and ends silences
 * - `rules` changes rules
 * - `admin` changes a program: reload, deletion of series, tests of receivers
 */
export const SCOPES = ["read", "query", "push", "silence", "rules", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

const VIEWER: readonly Scope[] = ["read", "query"];

const OF_ROLE: Readonly<Record<OrgRole, ReadonlySet<Scope>>> = {
  None: new Set(),
  Viewer: new Set(VIEWER),
  Editor: new Set([...VIEWER, "push", "silence", "rules"]),
  Admin: new Set(SCOPES),
};

export const isScope = (value: unknown): value is Scope => (SCOPES as readonly unknown[]).includes(value);

export const isOrgRole = (value: unknown): value is OrgRole =>
  typeof value === "string" && Object.hasOwn(OF_ROLE, value);

/** Returns the scopes of an account with this role. */
export const scopesOfRole = (role: OrgRole): ReadonlySet<Scope> => OF_ROLE[role];
