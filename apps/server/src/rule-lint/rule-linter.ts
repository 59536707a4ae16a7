import { diskFiles, SourceError } from "@narthex/config";
import type { QueryLane } from "@narthex/querying";
import { evaluatedData, type LintedFile, type LintReport, lintRules, type Policy } from "@narthex/rule-lint";
import type { RuleGroup } from "@narthex/rules";
import type { Clock } from "@narthex/runtime";
import type { Context } from "../context.ts";
import { KeptReports } from "../querying/kept-reports.ts";
import type { Requester } from "../querying/request-origin.ts";

interface Options {
  readonly clock: Clock;
  readonly configuration: Context["configuration"];
  readonly lookbackMs: number;
  readonly lane: Pick<QueryLane, "evaluate" | "features">;
  readonly groups: () => readonly RuleGroup[];
  /** Returns whether the configuration has loaded a rule file with this name. */
  readonly isRuleFile: (name: string) => boolean;
  readonly metricTypes: (metric: string) => readonly string[];
}

/** Time in ms for which a report is kept, unless the rules change. */
const KEPT_MS = 60_000;

/** Largest number of checks that run at the same time. */
const MAX_RUNNING = 2;

/** Limits of the queries of one check. */
const MAX_QUERIES = 5000;
const MAX_QUERY_MS = 30_000;

/** The findings of the loaded rules, and the time of the check. */
export interface RuleLintAnswer extends LintReport {
  /** Time of the check, RFC 3339. */
  readonly checkedAt: string;
}

/** Checks the loaded rules on request. Requests during a check, and soon after it, get the same report. */
export class RuleLinter {
  readonly #options: Options;
  readonly #reports: KeptReports<boolean, RuleLintAnswer>;
  /** The groups of the kept reports. A reload replaces changed groups. */
  #groups: readonly RuleGroup[] = [];
  #policy: Policy | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#reports = new KeptReports({ clock: options.clock, keptMs: KEPT_MS, maxKept: 2, maxRunning: MAX_RUNNING });
  }

  /** Sets the policy of later checks; undefined for the default. */
  setPolicy(policy: Policy | undefined): void {
    this.#policy = policy;
    this.#reports.clear();
  }

  /** @param withData whether the rules are also compared with stored series */
  check(withData: boolean, requester: Requester): Promise<RuleLintAnswer> {
    const groups = this.#options.groups();
    if (!isSame(this.#groups, groups)) this.#reports.clear();
    this.#groups = groups;
    return this.#reports.get(withData, () => this.#check(groups, withData, requester));
  }

  async #check(groups: readonly RuleGroup[], withData: boolean, requester: Requester): Promise<RuleLintAnswer> {
    const { clock, configuration, isRuleFile, lookbackMs, lane, metricTypes } = this.#options;
    const { scrapeIntervalMs, evaluationIntervalMs, externalLabels } = configuration.current.global;
    const checkedAt = new Date(clock.now()).toISOString();
    const evaluate: Parameters<typeof evaluatedData>[0] = (text, time) =>
      lane.evaluate({ text, ...time, ...requester, samplesOf: "query" });
    const report = await lintRules({
      files: await filesOf(groups, isRuleFile),
      clock,
      parser: lane.features,
      ...(this.#policy !== undefined && { policy: this.#policy }),
      lookbackMs,
      evaluationIntervalMs,
      scrapeIntervalMs,
      externalLabels,
      data: withData ? evaluatedData(evaluate, metricTypes) : undefined,
      maxQueries: MAX_QUERIES,
      maxQueryMs: MAX_QUERY_MS,
    });
    return { checkedAt, ...report };
  }
}

const isSame = (some: readonly RuleGroup[], others: readonly RuleGroup[]): boolean =>
  some.length === others.length && some.every((group, i) => group === others[i]);

/**
 * Returns the loaded groups by file, with the text of the file for positions. Only files of the configuration are read.
 * Other groups have names that clients choose, such as the namespaces of the rules API, and may be paths of any file.
 */
async function filesOf(
  groups: readonly RuleGroup[],
  isRuleFile: Options["isRuleFile"],
): Promise<readonly LintedFile[]> {
  const files: LintedFile[] = [];
  for (const [file, own] of Map.groupBy(groups, (group) => group.file)) {
    const source = isRuleFile(file) ? await textOf(file) : undefined;
    files.push({ file, groups: own.map(({ spec }) => spec), source });
  }
  return files;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await diskFiles.read(file);
  } catch (error) {
    if (error instanceof SourceError) return undefined;
    throw error;
  }
}
