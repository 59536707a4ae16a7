import type { Feature } from "@narthex/http";
import type { Audit } from "../audit/audit.ts";
import type { Context } from "../context.ts";
import type { Sources } from "../datasources/sources.ts";
import { alertmanagerRoutes } from "./alertmanager-routes.ts";
import { AskedSource } from "./asked-source.ts";
import { groupRoutes } from "./group-routes.ts";
import { stateRoutes } from "./state-routes.ts";

/**
 * Opens the feature that passes on Grafana's APIs of alerting to the servers of data sources: rule groups, the state of
 * rules, and an Alertmanager.
 */
export function openRuler(
  { clock }: Context,
  { proxy, visible }: Pick<Sources, "proxy" | "visible">,
  audit: Pick<Audit, "note">,
): Feature {
  const asked = new AskedSource({ proxy, visible, audit });
  return {
    name: "rules and alerts of data sources",
    routes({ app }) {
      groupRoutes(app, asked, clock);
      stateRoutes(app, asked);
      alertmanagerRoutes(app, asked);
    },
  };
}
