import type { ScrapeConfig } from "@narthex/config";
import { compareBytewise } from "@narthex/model";
import type { Host } from "@narthex/runtime";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { findGroups, type FoundGroups, type Jobs } from "./found-groups.ts";
import { differenceLines, type TargetsByUrl } from "./target-difference.ts";

/** Scraped targets by the name of their job. */
export type TargetsByJob = ReadonlyMap<string, TargetsByUrl>;

interface CompareOptions {
  readonly host: Host;
  readonly timeoutMs: number;
  /** Maximum number of targets to list for each job. 0 means no limit. */
  readonly limit: number;
}

/**
 * Finds the targets of jobs, and prints for each job the difference to the targets before. Resolves with a failure if
 * a discovery service did not answer, because the difference is then not complete.
 * @param before jobs whose targets are looked for at the same time, or known targets
 */
export async function compareTargets(
  jobs: readonly ScrapeConfig[],
  before: readonly ScrapeConfig[] | TargetsByJob,
  { host, timeoutMs, limit }: CompareOptions,
): Promise<number> {
  const now = named(AFTER, jobs);
  const earlier: Jobs = Array.isArray(before) ? named(BEFORE, before) : new Map();
  const found = await findGroups(host, new Map([...now, ...earlier]), timeoutMs);
  const after = await targetsOf(host, now, found);
  const known = Array.isArray(before) ? await targetsOf(host, earlier, found) : (before as TargetsByJob);
  const names = [...new Set([...known.keys(), ...after.keys()])].sort(compareBytewise);
  for (const name of names) host.stdout(differenceLines(name, known.get(name), after.get(name), limit).join(""));
  if (!found.isIncomplete) return EXIT_OK;
  host.stderr("The comparison is not complete: a discovery service failed (see above)\n");
  return EXIT_FAILURE;
}

/** Beginnings of the names under which the jobs of both configurations are discovered together. */
const AFTER = "after: ";
const BEFORE = "before: ";

const named = (prefix: string, jobs: readonly ScrapeConfig[]): Jobs =>
  new Map(jobs.map((job) => [prefix + job.jobName, job]));

/** Returns the targets that would be scraped. Prints the errors of invalid targets. */
async function targetsOf(host: Host, jobs: Jobs, { groups }: FoundGroups): Promise<TargetsByJob> {
  const { relabelGroups, TargetError } = await import("@narthex/scrape");
  const found = new Map<string, TargetsByUrl>();
  for (const [name, job] of jobs) {
    const targets = new Map<string, Readonly<Record<string, string>>[]>();
    for (const { discovered, outcome } of relabelGroups(groups.get(name) ?? [], job)) {
      if (outcome instanceof TargetError)
        host.stderr(`${name}: target ${discovered.get("__address__")}: ${outcome.message}\n`);
      else if ("url" in outcome) {
        const labels = outcome.publicLabels.toRecord();
        const same = targets.get(outcome.url);
        if (same === undefined) targets.set(outcome.url, [labels]);
        else same.push(labels);
      }
    }
    found.set(job.jobName, targets);
  }
  return found;
}
