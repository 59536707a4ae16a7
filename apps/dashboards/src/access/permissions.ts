import type { Feature } from "@narthex/http";
import type { Auth } from "../auth/auth.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Sources } from "../datasources/sources.ts";
import { permissionRoutes } from "./permission-routes.ts";

export const openPermissions = (dashboards: Dashboards, sources: Sources, { grantedActions }: Auth): Feature => ({
  name: "permissions",
  routes({ app }) {
    const { store, folders, visible } = dashboards;
    permissionRoutes(app, { dashboards: store, folders, sources: sources.store, visible, grantedActions });
  },
});
