import { collectorsFor, hostFiles, LINUX_COLLECTORS, openCollection, Settings } from "@narthex/collectors";
import {
  activatedSockets,
  buildInfoFamily,
  createHttpServer,
  goMetrics,
  processMetrics,
  SelfMetrics,
} from "@narthex/http";
import type { Host, Lifecycle, RoleStart } from "@narthex/runtime";
import { enabledCollectors, settledFlags } from "./enabled.ts";
import type { flags as flagTable } from "./flags.ts";
import { landingPage } from "./landing-page.ts";
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
  const settings = new Settings(settledFlags(flags, enabled), given);
  const collection = openCollection(enabled, {
    files,
    settings,
    clock: host.clock,
    logger,
    timeLimitMs: COLLECTOR_LIMIT_MS,
  });
  logger.info("Enabled collectors", { collectors: collection.names.join(" ") });
  const http = await createHttpServer({
    listen: flags["web.listen-address"],
    ...(flags["web.systemd-socket"] ? { descriptors: activatedSockets(host.env, process.pid) } : {}),
    webConfigFile: flags["web.config.file"],
    clock: host.clock,
    logger,
  });
  const path = flags["web.telemetry-path"];
  scrapeRoute(http.app, {
    path,
    collection,
    known: new Set(LINUX_COLLECTORS.map(({ name }) => name)),
    always: [buildInfoFamily(build)],
    self: flags["web.disable-exporter-metrics"] ? undefined : ownMetrics(host.clock.now()),
    maxRequests: flags["web.max-requests"],
  });
  if (path !== "/") {
    const version = `(version=${build.version}, branch=${build.branch}, revision=${build.revision})`;
    const page = landingPage(version, path);
    http.app.get("/", (_request, reply) => reply.type("text/html; charset=UTF-8").send(page));
  }
  for (const check of ["/-/healthy", "/-/ready"]) http.app.get(check, (_request, reply) => reply.send("OK"));
  parts.add(http);
  for (const address of await http.start()) logger.info("Listening on", { address });
  logger.info(http.tls ? "TLS is enabled." : "TLS is disabled.");
}

/** What the exporter says about itself. */
function ownMetrics(startMs: number): SelfMetrics {
  const self = new SelfMetrics();
  self.addSource(processMetrics(startMs));
  self.addSource(goMetrics());
  return self;
}
