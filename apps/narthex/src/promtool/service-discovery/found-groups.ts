import type { ScrapeConfig } from "@narthex/config";
import type { TargetGroup } from "@narthex/discovery";
import { buildInfo, createLogger, type Host } from "@narthex/runtime";
import { CheckError } from "../config-references.ts";
import { FailingStates } from "./failing-states.ts";

/** The jobs whose targets are looked for, by a name. Jobs of several configuration files can be looked for at once. */
export type Jobs = ReadonlyMap<string, ScrapeConfig>;

export interface FoundGroups {
  readonly groups: ReadonlyMap<string, readonly TargetGroup[]>;
  /** Whether a discovery service did not answer or refused a request. Its targets are then missing. */
  readonly isIncomplete: boolean;
}

/**
 * Runs the discovery of jobs for `timeoutMs`, and returns the target groups of each job. Logs to standard error. Equal
 * discoverers run once. Throws CheckError if a discovery cannot start.
 */
export async function findGroups(host: Host, jobs: Jobs, timeoutMs: number): Promise<FoundGroups> {
  const { discoverers, DiscoveryManager, discoveryMetrics } = await import("@narthex/discovery");
  const { SelfMetrics } = await import("@narthex/http");
  const { clock } = host;
  let groups: FoundGroups["groups"] = new Map();
  const states = new FailingStates();
  const ended = new AbortController();
  // Ends the discovery with an error. After several calls the first error is reported, because an aborted signal keeps
  // its first reason.
  const fail = (message: string): void => ended.abort(new CheckError(message));
  const manager = new DiscoveryManager({
    name: "scrape",
    discoverers,
    clock,
    logger: states.logger(createLogger({ clock, level: "info", format: "logfmt", write: (line) => host.stderr(line) })),
    metrics: discoveryMetrics(new SelfMetrics()),
    userAgent: `Prometheus/${buildInfo("prometheus").version}`,
    onTargets: (sets) => (groups = sets),
    onFailure: ({ message }) => fail(`Could not create new discoverer ${message}`),
  });
  manager.apply(jobs);
  // Waits for the timeout only if a job has other discovery than static targets, because static targets never change.
  const stopping = AbortSignal.any([host.stopping, ended.signal]);
  const mayChange = [...jobs.values()].some(({ discoveryConfigs }) => discoveryConfigs.length > 0);
  if (mayChange) await clock.sleep(timeoutMs, stopping).catch(() => undefined);
  // The manager applies updates every 5 s, so the targets found since the last update are applied now.
  if (!ended.signal.aborted) manager.apply(jobs);
  manager.stop();
  ended.signal.throwIfAborted();
  return { groups, isIncomplete: states.hasAny };
}
