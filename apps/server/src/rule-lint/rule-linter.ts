import { diskFiles, SourceError } from "@narthex/config";
import type { QueryLane } from "@narthex/querying";
import { evaluatedData, type LintedFile, type LintReport, lintRules } from "@narthex/rule-lint";
import type { RuleGroup } from "@narthex/rules";
import type { Clock } from "@narthex/runtime";
import type { Context } from "../context.ts";
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

/** Limits of the queries of one check. */
const MAX_QUERIES = 5000;
const MAX_QUERY_MS = 30_000;

/** The findings of the loaded rules, and the time of the check. */
export interface RuleLintAnswer extends LintReport {
  /** Time of the check, RFC 3339. */
  readonly checkedAt: string;
}

interface KeptReport {
  /** The groups that were checked. A reload replaces changed groups. */
  readonly groups: readonly RuleGroup[];
  readonly until: number;
  readonly answer: Promise<RuleLintAnswer>;
}

/** Checks the loaded rules on request. Requests during a check, and soon after it, get the same report. */
export class RuleLinter {
  readonly #options: Options;
  readonly #kept = new Map<boolean, KeptReport>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** @param withData whether the rules are also compared with stored series */
  check(withData: boolean, requester: Requester): Promise<RuleLintAnswer> {
    const now = this.#options.clock.monotonic();
    const groups = this.#options.groups();
    const kept = this.#kept.get(withData);
    if (kept !== undefined && now < kept.until && isSame(kept.groups, groups)) return kept.answer;
    const answer = this.#check(groups, withData, requester);
    this.#kept.set(withData, { groups, until: now + KEPT_MS, answer });
    answer.catch(() => {
      if (this.#kept.get(withData)?.answer === answer) this.#kept.delete(withData);
    });
    return answer;
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
