import type { Feature } from "@narthex/http";
import type { Auth } from "../auth/auth.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Sources } from "../datasources/sources.ts";
import { managedKinds } from "./managed-kinds.ts";
import { permissionPageRoutes } from "./permission-page-routes.ts";
import { permissionRoutes } from "./permission-routes.ts";
import { visibleAccountsIn } from "./visible-accounts.ts";
import { subjectRoutes } from "./subject-routes.ts";

export const openPermissions = (
  { address }: Context,
  dashboards: Dashboards,
  sources: Sources,
  { users, teams, serviceAccounts, grantedActions }: Auth,
): Feature => ({
  name: "permissions",
  routes({ app }) {
    const { places, visible } = dashboards;
    const subjects = { account: (id: number) => users.account(id), teams };
    const { store, visible: visibleSources } = sources;
    const visibleAccounts = visibleAccountsIn(serviceAccounts);
    const seen = { visible, visibleSources, visibleAccounts, address };
    const kinds = managedKinds({ places, sources: store, serviceAccounts, ...seen });
    permissionRoutes(app, { kinds, places, subjects, grantedActions, ...seen });
    permissionPageRoutes(app, { kinds, subjects, ...seen });
    subjectRoutes(app, { users, teams, ...seen });
  },
});
