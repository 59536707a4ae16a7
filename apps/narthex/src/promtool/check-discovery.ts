import type { PrometheusConfig, ScrapeConfig } from "@narthex/config";
import type { TargetGroup } from "@narthex/discovery";
import { formatGoDuration, goJson, parseGoDuration } from "@narthex/model";
import { buildInfo, createLogger, flagKinds, type Host } from "@narthex/runtime";
import { CheckError } from "./config-references.ts";
import { loadConfig } from "./check-config.ts";
import { promtoolCommand } from "./command.ts";
import { hostFiles } from "./host-files.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";

export const checkDiscovery = promtoolCommand({
  name: "service-discovery",
  help: "Perform service discovery for the given job name and report the results, including relabeling.",
  flags: {
    timeout: flagKinds.parsed(30_000, parseGoDuration, formatGoDuration, "The time to wait for discovery results."),
  },
  operands: [
    { name: "config-file", required: true, file: true },
    { name: "job", required: true },
  ],
  async run({ host, flags, operands: [file, name] }) {
    const config = await configOf(host, file!);
    if (config === undefined) return EXIT_FAILURE;
    const job = config.scrapeConfigs.find(({ jobName }) => jobName === name);
    if (job === undefined) {
      const names = config.scrapeConfigs.map(({ jobName }) => `\t${jobName}\n`);
      host.stderr(`Job ${name} not found. Select one of:\n${names.join("")}`);
      return EXIT_FAILURE;
    }
    try {
      host.stdout(goJson(await targetsOf(host, job, flags.timeout), "  "));
      return EXIT_OK;
    } catch (error) {
      if (!(error instanceof CheckError)) throw error;
      host.stderr(`${error.message}\n`);
      return EXIT_FAILURE;
    }
  },
});

async function configOf(host: Host, file: string): Promise<PrometheusConfig | undefined> {
  try {
    return (await loadConfig(file, { host, files: hostFiles(host), agent: false, syntaxOnly: false })).config;
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    host.stderr(`Cannot load config ${error.message}\n`);
    return undefined;
  }
}

/** A discovered target as promtool prints it. Go prints its error values as empty objects. */
interface TargetReport {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  /** Labels after relabeling. Empty if the target is dropped or invalid. */
  readonly labels: Readonly<Record<string, string>>;
  readonly error?: Record<string, never>;
}

/**
 * Runs the discovery of a job for `timeoutMs` and relabels the targets. Prints the errors of invalid targets. Throws
 * CheckError if a discovery cannot start.
 */
async function targetsOf(host: Host, job: ScrapeConfig, timeoutMs: number): Promise<readonly TargetReport[]> {
  const { relabelGroups, TargetError } = await import("@narthex/scrape");
  const reports = new Map<string, TargetReport>();
  for (const { discovered, outcome } of relabelGroups(await groupsOf(host, job, timeoutMs), job)) {
    if (reports.has(discovered.key)) continue;
    const discoveredLabels = discovered.toRecord();
    if (outcome instanceof TargetError) {
      host.stderr(`target ${discovered.get("__address__")}: ${outcome.message}\n`);
      reports.set(discovered.key, { discoveredLabels, labels: {}, error: {} });
    } else {
      const labels = "url" in outcome ? outcome.labels.toRecord() : {};
      reports.set(discovered.key, { discoveredLabels, labels });
    }
  }
  return [...reports.values()];
}

async function groupsOf(host: Host, job: ScrapeConfig, timeoutMs: number): Promise<readonly TargetGroup[]> {
  const { discoverers, DiscoveryManager, discoveryMetrics } = await import("@narthex/discovery");
  const { SelfMetrics } = await import("@narthex/http");
  const { clock } = host;
  let groups: readonly TargetGroup[] = [];
  const ended = new AbortController();
  // Ends the discovery with an error. After several calls the first error is reported, because an aborted signal keeps
  // its first reason.
  const fail = (message: string): void => ended.abort(new CheckError(message));
  const manager = new DiscoveryManager({
    name: "scrape",
    discoverers,
    clock,
    logger: createLogger({ clock, level: "info", format: "logfmt", write: (line) => host.stderr(line) }),
    metrics: discoveryMetrics(new SelfMetrics()),
    userAgent: `Prometheus/${buildInfo("prometheus").version}`,
    onTargets: (sets) => (groups = [...sets.values()].flat()),
    onUnbuilt: (sections) => {
      if (sections.length > 0) fail(`not available in this build of narthex: ${sections.join(", ")}`);
    },
    onFailure: ({ message }) => fail(`Could not create new discoverer ${message}`),
  });
  const sets = new Map([[job.jobName, job]]);
  manager.apply(sets);
  // Waits for the timeout only if the job has other discovery than static targets, because static targets never change.
  const stopping = AbortSignal.any([host.stopping, ended.signal]);
  if (job.discoveryConfigs.length > 0) await clock.sleep(timeoutMs, stopping).catch(() => undefined);
  // The manager applies updates every 5 s, so the targets found since the last update are applied now.
  if (!ended.signal.aborted) manager.apply(sets);
  manager.stop();
  ended.signal.throwIfAborted();
  return groups;
}
