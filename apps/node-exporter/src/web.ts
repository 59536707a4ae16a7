import { type Collection, LINUX_COLLECTORS } from "@narthex/collectors";
import { buildInfoFamily } from "@narthex/exposition";
import { type Part, profilePages, showsOwnMetrics, startListening } from "@narthex/runtime";
import { type Handler, readOnly, textAnswer } from "./answers.ts";
import type { Context } from "./context.ts";
import { nodeExporterPage } from "./landing-page.ts";
import { openServer } from "./open-server.ts";
import { OwnMetrics } from "./own-metrics.ts";
import type { PageServer } from "./plain-server.ts";
import { movedAnswer, routed } from "./routed.ts";
import { scrapeRoute } from "./scrape-route.ts";

/**
 * The exporter's web server. The http package is loaded only if TLS or authentication is configured, to save memory.
 */
export interface Web extends Part {
  /** Starts to listen. Must be called after the collectors were opened. */
  start(): Promise<void>;
}

/** Opens the web server for the metrics, the landing page, health checks and profiles. */
export async function openWeb(context: Context, collection: Collection): Promise<Web> {
  const { build, clock, flags, host, logger } = context;
  const path = flags["web.telemetry-path"];
  const routes = new Map<string, Handler>();
  if (path !== "/") {
    const version = `(version=${build.version}, branch=${build.branch}, revision=${build.revision})`;
    // Returns the landing page for every method, as node_exporter does.
    routes.set("/", () => textAnswer(200, nodeExporterPage(version, path), "text/html; charset=UTF-8"));
  }
  for (const check of ["/-/healthy", "/-/ready"]) routes.set(check, readOnly(textAnswer(200, "OK")));
  const buildInfo = buildInfoFamily(build);
  const scrapes = scrapeRoute({
    collection,
    known: new Set(LINUX_COLLECTORS.map(({ name }) => name)),
    always: () => [buildInfo, ...(http.faults?.() ?? [])],
    self: flags["web.disable-exporter-metrics"] ? undefined : new OwnMetrics(clock.now(), showsOwnMetrics(host)),
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
    // With --web.telemetry-path=/, the metrics answer all paths without another handler, as with Go's router.
    routed(routes, path === "/" ? scrapes : undefined),
    host,
    logger,
  );
  return {
    name: "http",
    start: () => startListening(http, logger),
    stop: () => http.stop(),
  };
}
