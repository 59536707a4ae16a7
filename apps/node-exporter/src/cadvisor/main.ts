import { hostFiles, KINDS_WITHOUT_METRICS, LINUX_COLLECTORS, openCollection, Settings } from "@narthex/collectors";
import {
  type Host,
  type Lifecycle,
  PageReturn,
  type RoleStart,
  runUntilStopped,
  showsOwnMetrics,
  startListening,
  startRole,
} from "@narthex/runtime";
import { errorAnswer, type Handler, textAnswer } from "../answers.ts";
import { openServer } from "../open-server.ts";
import { OwnMetrics } from "../own-metrics.ts";
import type { PageServer } from "../plain-server.ts";
import { routed } from "../routed.ts";
import { containersPage } from "../landing-page.ts";
import { scrapeRoute } from "../scrape-route.ts";
import { cadvisorPaths, collectorSettings, socketOf } from "./collector-settings.ts";
import { cadvisorFlags } from "./flags.ts";
import { goArguments } from "./go-arguments.ts";

/** Time limit of a collector in ms. A scrape that takes longer is answered without the metrics of this collector. */
const COLLECTOR_LIMIT_MS = 8000;

/** Maximum number of concurrent scrapes. The node exporter has the same limit. */
const MAX_REQUESTS = 40;

/** Runs only the containers collector with cAdvisor's flags, port and paths. Resolves with the exit status. */
export async function cadvisorMain(host: Host): Promise<number> {
  const role = startRole(
    { ...host, args: goArguments(host.args, cadvisorFlags) },
    {
      program: "cadvisor",
      about: "Metrics of containers, under the flags of cAdvisor.",
      table: cadvisorFlags,
    },
  );
  if ("exit" in role) return role.exit;
  const { flags, logger } = role;
  if (flags.http_auth_file !== "" || flags.http_digest_file !== "") {
    logger.error("Cannot start", {
      err: "-http_auth_file and -http_digest_file are not taken; name users in a file for --web.config.file",
    });
    return 1;
  }
  for (const url of [flags.docker, flags.podman]) {
    if (url !== "" && socketOf(url) === undefined) logger.warn("Only an engine's unix socket can be asked", { url });
  }
  const missing = flags.enable_metrics.filter((kind) => KINDS_WITHOUT_METRICS.includes(kind));
  if (missing.length > 0) logger.warn("These kinds of -enable_metrics have no metrics here", { kinds: missing.join() });
  return runUntilStopped(host, logger, "cadvisor", (parts) => startParts(host, role, parts));
}

async function startParts(host: Host, role: RoleStart<typeof cadvisorFlags>, parts: Lifecycle): Promise<void> {
  const { flags, logger, build } = role;
  logger.info("Starting cAdvisor", { version: build.version, narthex: build.narthex });
  const collector = LINUX_COLLECTORS.find(({ name }) => name === "containers")!;
  const paths = cadvisorPaths();
  const collection = openCollection([collector], {
    files: hostFiles(paths),
    settings: Settings.of(collector.flags, collectorSettings(flags)),
    clock: host.clock,
    logger,
    timeLimitMs: COLLECTOR_LIMIT_MS,
  });
  logger.info("Looking at the host", { procfs: paths.procfs, sysfs: paths.sysfs, rootfs: paths.rootfs });
  const scrapes = scrapeRoute({
    collection,
    known: new Set(collection.names),
    always: () => http.faults?.() ?? [],
    self: new OwnMetrics(host.clock.now(), showsOwnMetrics(host)),
    maxRequests: MAX_REQUESTS,
  });
  const handler = routed(routesOf(flags, build.narthex, scrapes));
  const http: PageServer = await openServer({ ...listening(flags), fromSystemd: false }, handler, host, logger);
  parts.add(http);
  await startListening(http, logger);
  parts.add(new PageReturn(host.clock));
}

function listening(flags: RoleStart<typeof cadvisorFlags>["flags"]): {
  listen: readonly string[];
  webConfigFile: string;
} {
  const ip = flags.listen_ip.includes(":") ? `[${flags.listen_ip}]` : flags.listen_ip;
  return { listen: [`${ip}:${flags.port}`], webConfigFile: flags["web.config.file"] };
}

function routesOf(
  { url_base_prefix: prefix, prometheus_endpoint: path }: RoleStart<typeof cadvisorFlags>["flags"],
  version: string,
  scrapes: Handler,
): ReadonlyMap<string, Handler> {
  const page = textAnswer(200, containersPage(version, `${prefix}${path}`), "text/html; charset=utf-8");
  const moved: Handler = () => ({ status: 307, headers: { location: `${prefix}/containers/` }, body: "" });
  return new Map<string, Handler>([
    [`${prefix}/healthz`, () => textAnswer(200, "ok")],
    ["/", moved],
    [`${prefix}/`, moved],
    [`${prefix}/containers/`, () => page],
    [`${prefix}/containers`, moved],
    [`${prefix}/api`, () => errorAnswer(404, "cAdvisor's API is not in this build: its metrics are at /metrics")],
    [`${prefix}${path}`, scrapes],
  ]);
}
