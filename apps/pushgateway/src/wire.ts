import { buildInfoFamily, goMetrics, processMetrics } from "@narthex/exposition";
import {
  activatedSockets,
  BasicAuth,
  createHttpServer,
  ensureUiBundle,
  type HttpServer,
  SelfMetrics,
  serveUi,
  uiFolder,
} from "@narthex/http";
import { parseDuration } from "@narthex/model";
import { groupApi, LEGACY_NAMES, PushGroups, pushRoutes, storeKeeper, UTF8_NAMES } from "@narthex/pushing";
import type { Host, Lifecycle, RoleStart } from "@narthex/runtime";
import { redirectUncleanPaths, routedUrl } from "./clean-path.ts";
import type { flags as flagTable } from "./flags.ts";
import { lifecycleRoutes } from "./lifecycle-routes.ts";
import { openPersistence } from "./persistence.ts";
import { ownFamilies } from "./own-families.ts";
import { requestPath } from "./request-path.ts";
import { countGatewayRequests } from "./request-metrics.ts";
import { routePrefix } from "./route-prefix.ts";
import { scrapeRoute } from "./scrape-route.ts";
import { gatewayStatus } from "./status.ts";
import { JobAccess } from "./users-file.ts";

/** Starts store, groups and server in order. Throws where a file is not ours or an address is taken. */
export async function startParts(host: Host, role: RoleStart<typeof flagTable>, parts: Lifecycle): Promise<void> {
  const { flags, logger, build } = role;
  const { clock } = host;
  const startMs = clock.now();
  logger.info("starting pushgateway", { version: build.version, narthex: build.narthex });
  const groups = await openGroups(host, role, parts);
  const self = new SelfMetrics();
  self.addSource(processMetrics(startMs));
  self.addSource(goMetrics());
  self.addSource(() => [buildInfoFamily(build)]);
  void ensureUiBundle(uiFolder(host.env, import.meta.url), logger, host.stopping);
  const http = await createHttpServer({
    listen: flags["web.listen-address"],
    webConfigFile: flags["web.config.file"],
    clock,
    logger,
    wholeRouter: true,
    ...(flags["web.systemd-socket"] ? { descriptors: activatedSockets(host.env, process.pid) } : {}),
    routedAs: routedUrl,
  });
  await mountRoutes(http, groups, self, { host, role, startMs });
  groups.setOwnFamilies(ownFamilies(await self.families()));
  parts.add(http);
  for (const address of await http.start()) logger.info("Listening on", { address });
  logger.info(http.tls ? "TLS is enabled." : "TLS is disabled.");
}

/** The groups, with what an earlier run kept. */
async function openGroups(host: Host, role: RoleStart<typeof flagTable>, parts: Lifecycle): Promise<PushGroups> {
  const file = role.flags["persistence.file"];
  const store = file === "" ? undefined : openPersistence(file);
  if (store !== undefined) parts.add({ name: "store", stop: () => store.close() });
  const groups = new PushGroups({
    clock: host.clock,
    isChecking: !role.flags["push.disable-consistency-check"],
    keeper: store === undefined ? undefined : storeKeeper(store),
    logger: role.logger,
    limits: {
      maxSeriesPerGroup: role.flags["push.max-series-per-group"] || undefined,
      maxGroups: role.flags["push.max-groups"] || undefined,
    },
  });
  parts.add({ name: "groups", stop: async () => groups.stop() });
  await groups.restore();
  return groups;
}

/** What --push.ttl says; nothing where it is not given. */
function lifetimeFlag(text: string): { readonly defaultMs: number } | undefined {
  if (text === "") return undefined;
  try {
    return { defaultMs: parseDuration(text) };
  } catch (cause) {
    throw new Error(`--push.ttl=${text}: give a duration such as 90s, 2h or 1d, or 0s for ever`, { cause });
  }
}

/** The bytes of a path; one that is no URL has got no further than the hook. */
function pathOf(url: string): Uint8Array {
  const path = requestPath(url);
  return path.ok ? path.bytes : new Uint8Array();
}

interface Surroundings {
  readonly host: Host;
  readonly role: RoleStart<typeof flagTable>;
  readonly startMs: number;
}

async function mountRoutes(
  { app }: HttpServer,
  groups: PushGroups,
  self: SelfMetrics,
  { host, role, startMs }: Surroundings,
): Promise<void> {
  const { flags, logger, build } = role;
  const prefix = routePrefix(flags["web.route-prefix"], flags["web.external-url"]);
  redirectUncleanPaths(app, prefix);
  countGatewayRequests(app, self, prefix);
  const names = flags["push.enable-utf8-names"] ? UTF8_NAMES : LEGACY_NAMES;
  const auth = new BasicAuth();
  app.addHook("onClose", () => auth.stop());
  const usersFile = flags["push.users-file"];
  const access = usersFile === "" ? undefined : new JobAccess(usersFile, auth, logger);
  pushRoutes(app, {
    groups,
    names,
    prefix,
    pathOf,
    isChecking: !flags["push.disable-consistency-check"],
    logger,
    maxBodyBytes: flags["push.max-body-bytes"] || undefined,
    ttl: lifetimeFlag(flags["push.ttl"]),
    mayChange: access && ((job, authorization) => access.mayChange(job, authorization)),
  });
  const status = gatewayStatus(build, flags, startMs);
  const mayWipe = access && ((authorization: string | undefined) => access.mayWipe(authorization));
  groupApi(app, { groups, prefix, status, hasAdmin: flags["web.enable-admin-api"], mayWipe });
  scrapeRoute(app, {
    path: prefix + flags["web.telemetry-path"],
    groups,
    self,
    logger,
  });
  lifecycleRoutes(app, { prefix, groups, quit: flags["web.enable-lifecycle"] ? () => host.requestStop() : undefined });
  await app.register(
    (scope) =>
      serveUi(scope, {
        root: uiFolder(host.env, import.meta.url),
        page: "pushgateway.html",
        paths: ["/", "/status"],
        placeholders: () => ({ TITLE_PLACEHOLDER: "Prometheus Pushgateway" }),
      }),
    { prefix },
  );
}
