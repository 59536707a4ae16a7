import type { Access, Grants, OrgRole } from "@narthex/http";

/** What a route asks of whom it answers. `signed-in`: a user, whatever the role; `page`: as viewer, or be led to the login. */
export type Right = "none" | "page" | "viewer" | "signed-in" | "editor" | "admin" | "server-admin";

const ACCESS: Readonly<Record<Right, Access>> = {
  none: "read",
  page: "read",
  viewer: "read",
  "signed-in": "read",
  editor: "write",
  admin: "admin",
  "server-admin": "admin",
};

/**
 * Declares what a route asks for.
 *
 * @param action what the right is called in the words of a refusal: `dashboards:write`
 */
export const needs = (
  right: Right,
  action = "",
): { readonly config: { readonly access: Access; readonly right: Right; readonly action: string } } => ({
  config: { access: ACCESS[right], right, action },
});

const RANK: Readonly<Record<OrgRole, number>> = { None: 0, Viewer: 1, Editor: 2, Admin: 3 };

export const isAtLeast = (grants: Grants | undefined, role: OrgRole): boolean =>
  grants !== undefined && RANK[grants.role] >= RANK[role];

/** May somebody use a route that asks for a right? */
export function hasRight(grants: Grants | undefined, right: Right): boolean {
  switch (right) {
    case "none":
      return true;
    case "page":
    case "viewer":
      return isAtLeast(grants, "Viewer");
    case "signed-in":
      return grants !== undefined && grants.userId > 0;
    case "editor":
      return isAtLeast(grants, "Editor");
    case "admin":
      return isAtLeast(grants, "Admin");
    case "server-admin":
      return grants?.isServerAdmin === true;
  }
}

declare module "fastify" {
  interface FastifyContextConfig {
    right?: Right;
    action?: string;
  }
}
