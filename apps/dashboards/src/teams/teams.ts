import type { Feature } from "@narthex/http";
import type { Auth } from "../auth/auth.ts";
import { teamRoutes } from "./team-routes.ts";

export const openTeams = ({ teams, users }: Auth): Feature => ({
  name: "teams",
  routes: ({ app }) => teamRoutes(app, { teams, users }),
});
