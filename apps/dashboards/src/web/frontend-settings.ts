import { formatInterval } from "@narthex/dashboards";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { hasRight, needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";

/** Returns the page settings that a feature provides. */
export type FrontendPart = (request: FastifyRequest) => Readonly<Record<string, unknown>>;

interface FrontendParts {
  /** Page settings for every client, even if it is not signed in. */
  readonly open: readonly FrontendPart[];
  /** Page settings only for users who may see dashboards. */
  readonly parts: readonly FrontendPart[];
}

/** Adds the route that returns the settings which pages need before they can show anything. */
export function frontendSettingsRoute(app: FastifyInstance, context: Context, { open, parts }: FrontendParts): void {
  const { build, settings, address } = context;
  app.get("/api/frontend/settings", needs("none"), (request) => {
    const { name, identity } = request.principal;
    const isKnown = hasRight(identity, "viewer");
    const hideVersion = settings["auth.anonymous.hide_version"] && (identity?.id ?? 0) === 0;
    return {
      buildInfo: {
        version: hideVersion ? "" : build.version,
        commit: hideVersion ? "" : build.revision,
        // Time of the build, which is not known.
        buildstamp: 0,
        edition: "Open Source",
        env: "production",
        hideVersion,
        narthex: hideVersion ? "" : build.narthex,
      },
      allowOrgCreate: false,
      appUrl: `${address.url}/`,
      appSubUrl: address.path,
      anonymousEnabled: settings["auth.anonymous.enabled"],
      disableLoginForm: settings["auth.disable_login_form"],
      narthexMailEnabled: settings["smtp.enabled"],
      defaultTheme: settings["users.default_theme"],
      defaultLanguage: "en-US",
      minRefreshInterval: formatInterval(settings["dashboards.min_refresh_interval"]),
      snapshotEnabled: settings["snapshots.enabled"],
      viewersCanEdit: settings["users.viewers_can_edit"],
      homePage: settings["users.home_page"],
      defaultDatasource: "",
      datasources: {},
      user: {
        isSignedIn: (identity?.id ?? 0) > 0,
        login: name,
        orgRole: identity?.role ?? "",
        isGrafanaAdmin: identity?.isServerAdmin ?? false,
        canExplore: hasRight(identity, "editor") || (isKnown && settings["users.viewers_can_edit"]),
      },
      ...Object.assign({}, ...open.map((part) => part(request))),
      ...(isKnown ? Object.assign({}, ...parts.map((part) => part(request))) : {}),
    };
  });
}
