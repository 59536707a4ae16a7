import { BasicAuth, type Feature, problemFields } from "@narthex/http";
import { parseDuration } from "@narthex/model";
import { groupApi, LEGACY_NAMES, MAX_METRICS, type PushGroups, pushRoutes, UTF8_NAMES } from "@narthex/pushing";
import type { Context } from "./context.ts";
import { pathBytes } from "./push-paths.ts";
import { scrapeRoute } from "./scrape-route.ts";
import { gatewayStatus } from "./status.ts";
import { JobAccess } from "./users-file.ts";

/** Serves pushes and deletions, the API about groups, and the scrape of all pushed metrics. */
export function openPushApi(context: Context, groups: PushGroups): Feature {
  const { clock, flags, logger, metrics: self, routePrefix: prefix } = context;
  const auth = new BasicAuth();
  const usersFile = flags["push.users-file"];
  const access = usersFile === "" ? undefined : new JobAccess(usersFile, { auth, clock, logger });
  const ttl = lifetimeFlag(flags["push.ttl"]);
  return {
    name: "push api",
    routes({ app, webConfig }) {
      app.addHook("onClose", () => auth.stop());
      pushRoutes(app, {
        groups,
        names: flags["push.enable-utf8-names"] ? UTF8_NAMES : LEGACY_NAMES,
        prefix,
        pathOf: pathBytes,
        isChecking: !flags["push.disable-consistency-check"],
        logger,
        maxBodyBytes: flags["push.max-body-bytes"] || undefined,
        maxMetrics: Math.max(MAX_METRICS, flags["push.max-series-per-group"]),
        ttl,
        mayChange: access && ((job, authorization) => access.mayChange(job, authorization)),
      });
      const standing = gatewayStatus(context);
      groupApi(app, {
        groups,
        prefix,
        status: () => ({ ...standing, ...problemFields({ web_config_problem: webConfig }) }),
        hasAdmin: flags["web.enable-admin-api"],
        mayWipe: access && ((authorization: string | undefined) => access.mayWipe(authorization)),
      });
      scrapeRoute(app, { path: prefix + flags["web.telemetry-path"], groups, self, logger });
    },
  };
}

/** Parses --push.ttl; undefined if it is not given. */
function lifetimeFlag(text: string): { readonly defaultMs: number } | undefined {
  if (text === "") return undefined;
  try {
    return { defaultMs: parseDuration(text) };
  } catch (cause) {
    throw new Error(`--push.ttl=${text}: give a duration such as 90s, 2h or 1d, or 0s for ever`, { cause });
  }
}
