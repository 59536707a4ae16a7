import type { PrometheusConfig, ScrapeConfig } from "@narthex/config";
import { formatGoDuration, goJson, parseGoDuration } from "@narthex/model";
import { flagKinds, type Host } from "@narthex/runtime";
import { CommandError } from "../../command-line/command.ts";
import { loadConfig } from "../check-config.ts";
import { promtoolCommand } from "../command.ts";
import { CheckError } from "../config-references.ts";
import { hostFiles } from "../host-files.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { ServerError } from "../server-client.ts";
import { compareTargets } from "./compare-targets.ts";
import { findGroups } from "./found-groups.ts";

export const checkDiscovery = promtoolCommand({
  name: "service-discovery",
  help: "Perform service discovery for the given job name and report the results, including relabeling.",
  flags: {
    timeout: flagKinds.parsed(30_000, parseGoDuration, formatGoDuration, "The time to wait for discovery results."),
    "dry-run": flagKinds.flag(
      false,
      "Compare the targets of the configuration with those before the change, for all jobs or the given one, without scraping.",
    ),
    before: flagKinds.text(
      "",
      "The configuration file before the change, or the URL of a running server. A dry run compares with it.",
    ),
    limit: flagKinds.integer(100, "Maximum number of targets to list for each job in a dry run. 0 means no limit."),
    "http.config.file": flagKinds.text("", "HTTP client configuration file for promtool to connect to Prometheus."),
  },
  operands: [
    { name: "config-file", required: true, file: true },
    { name: "job", required: false },
  ],
  async run({ host, flags, operands: [file, name] }) {
    if (!flags["dry-run"] && name === undefined)
      throw new CommandError("required argument 'job' not provided, try --help");
    const config = await configOf(host, file!);
    if (config === undefined) return EXIT_FAILURE;
    const job = config.scrapeConfigs.find(({ jobName }) => jobName === name);
    if (job === undefined && name !== undefined) {
      const names = config.scrapeConfigs.map(({ jobName }) => `\t${jobName}\n`);
      host.stderr(`Job ${name} not found. Select one of:\n${names.join("")}`);
      return EXIT_FAILURE;
    }
    try {
      if (flags["dry-run"]) return await dryRun(host, job === undefined ? config.scrapeConfigs : [job], name, flags);
      host.stdout(goJson(await targetsOf(host, job!, flags.timeout), "  "));
      return EXIT_OK;
    } catch (error) {
      if (!(error instanceof CheckError || error instanceof ServerError)) throw error;
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
  const { groups } = await findGroups(host, new Map([[job.jobName, job]]), timeoutMs);
  for (const { discovered, outcome } of relabelGroups(groups.get(job.jobName) ?? [], job)) {
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

interface DryRunFlags {
  readonly before: string;
  readonly timeout: number;
  readonly limit: number;
  readonly "http.config.file": string;
}

/** Prints how the targets of jobs differ from those before a change of the configuration. */
async function dryRun(
  host: Host,
  jobs: readonly ScrapeConfig[],
  only: string | undefined,
  flags: DryRunFlags,
): Promise<number> {
  const { before, limit, timeout } = flags;
  if (before === "")
    throw new CommandError("--dry-run needs --before with a configuration file or the URL of a server");
  const isWanted = (name: string): boolean => only === undefined || name === only;
  const options = { host, timeoutMs: timeout, limit };
  if (/^https?:\/\//i.test(before)) {
    const { runningTargets } = await import("./running-targets.ts");
    const known = await runningTargets(host, before, flags["http.config.file"], isWanted);
    return compareTargets(jobs, known, options);
  }
  const config = await configOf(host, before);
  if (config === undefined) return EXIT_FAILURE;
  return compareTargets(
    jobs,
    config.scrapeConfigs.filter(({ jobName }) => isWanted(jobName)),
    options,
  );
}
