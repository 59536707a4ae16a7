import { collectorsFor, hostFiles, LINUX_COLLECTORS, openCollection, Settings } from "@narthex/collectors";
import { buildInfoFamily } from "@narthex/exposition";
import { type Host, type Lifecycle, profilePages, type RoleStart } from "@narthex/runtime";
import { type Handler, readOnly, textAnswer } from "./answers.ts";
import { enabledCollectors, resolvedFlags } from "./collector-flags.ts";
import type { flags as flagTable } from "./flags.ts";
import { nodeExporterPage } from "./landing-page.ts";
import { openServer } from "./open-server.ts";
import { OwnMetrics } from "./own-metrics.ts";
import type { PageServer } from "./plain-server.ts";
import { movedAnswer, routed } from "./routed.ts";
import { scrapeRoute } from "./scrape-route.ts";

/** A collector may take this long before the scrape goes out without it; Prometheus gives a scrape 10 s. */
const COLLECTOR_LIMIT_MS = 8000;

/** Starts collectors and server in order. Throws where flags contradict each other or an address is taken. */
export async function startParts(host: Host, role: RoleStart<typeof flagTable>, parts: Lifecycle): Promise<void> {
  const { flags, given, logger, build } = role;
  logger.info("Starting node_exporter", { version: build.version, narthex: build.narthex });
  const files = hostFiles({
    procfs: flags["path.procfs"],
    sysfs: flags["path.sysfs"],
    rootfs: flags["path.rootfs"],
    udevData: flags["path.udev.data"],
  });
  const enabled = enabledCollectors(collectorsFor(files), { values: flags, given });
  const settings = new Settings(resolvedFlags(flags, enabled), given);
  const collection = openCollection(enabled, {
    files,
    settings,
    clock: host.clock,
    logger,
    timeLimitMs: COLLECTOR_LIMIT_MS,
  });
  logger.info("Enabled collectors", { collectors: collection.names.join(" ") });
  const path = flags["web.telemetry-path"];
  const routes = new Map<string, Handler>();
  if (path !== "/") {
    const version = `(version=${build.version}, branch=${build.branch}, revision=${build.revision})`;
    // To whatever method, as the original.
    routes.set("/", () => textAnswer(200, nodeExporterPage(version, path), "text/html; charset=UTF-8"));
  }
  for (const check of ["/-/healthy", "/-/ready"]) routes.set(check, readOnly(textAnswer(200, "OK")));
  const buildInfo = buildInfoFamily(build);
  const scrapes = scrapeRoute({
    collection,
    known: new Set(LINUX_COLLECTORS.map(({ name }) => name)),
    always: () => [buildInfo, ...(http.faults?.() ?? [])],
    self: flags["web.disable-exporter-metrics"] ? undefined : new OwnMetrics(host.clock.now()),
    maxRequests: flags["web.max-requests"],
  });
  const profiles = profilePages(host);
  routes.set("/debug/pprof/", ({ url }) => profiles.answer(url));
  routes.set("/debug/pprof", ({ method }) => movedAnswer("/debug/pprof/", method));
  routes.set(path, scrapes);
  const http: PageServer = await openServer(
    {
      listen: flags["web.listen-address"],
      webConfigFile: flags["web.config.file"],
      fromSystemd: flags["web.systemd-socket"],
    },
    routed(routes),
    host,
    logger,
  );
  parts.add(http);
  for (const address of await http.start()) logger.info("Listening on", { address });
  logger.info(http.tls ? "TLS is enabled." : "TLS is disabled.");
}
