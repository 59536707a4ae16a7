import type { Feature } from "@narthex/http";
import { visibleAccountsIn } from "../access/visible-accounts.ts";
import type { Auth } from "../auth/auth.ts";
import type { Context } from "../context.ts";
import { serviceAccountRoutes } from "./service-account-routes.ts";

export const openServiceAccounts = ({ clock }: Context, { serviceAccounts, tokens, teams }: Auth): Feature => ({
  name: "service accounts",
  routes: ({ app }) =>
    serviceAccountRoutes(app, { serviceAccounts, tokens, teams, clock, visible: visibleAccountsIn(serviceAccounts) }),
});
