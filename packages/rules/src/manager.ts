import {
  type ConfigFiles,
  diskFiles,
  formatProblem,
  glob,
  type Loaded,
  type Problem,
  SourceError,
} from "@narthex/config";
import { compareBytewise, type NameValidation } from "@narthex/model";
import { type Clock, type PreparedChange, runInTimeSlices, runToEnd, type Steps } from "@narthex/runtime";
import type { BehaviourEntry } from "./behaviour/behaviour-file.ts";
import { BehaviourSet, BehaviourUse } from "./behaviour/behaviour-set.ts";
import { endSeries } from "./result-writer.ts";
import { type GroupDefaults, type GroupContext, RuleGroup } from "./group.ts";
import { parseRuleFileInSteps, type RuleFileOptions } from "./rule-file.ts";
import type { GroupSpec } from "./rule-spec.ts";

/** The parts of the configuration that concern rules. */
export interface RuleConfig extends GroupDefaults {
  /** Glob patterns of the rule files. */
  readonly ruleFiles: readonly string[];
  readonly scheme: NameValidation;
  /** Texts of generated rule files, by the name under which their groups appear. */
  readonly generated?: ReadonlyMap<string, string>;
  /** Entries of the behaviour files. */
  readonly behaviours?: readonly BehaviourEntry[];
}

/** The rules of all rule files, or the problems that were found in the files. */
export type LoadedRules =
  | {
      readonly ok: true;
      readonly files: ReadonlyMap<string, readonly GroupSpec[]>;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads every rule file that the patterns match. The problems of all files are reported together. A pattern without
 * files causes a warning.
 * @param clock set to yield to the event loop during long work
 */
export async function loadRuleFiles(
  patterns: readonly string[],
  options: RuleFileOptions = {},
  files: ConfigFiles = diskFiles,
  clock?: Clock,
): Promise<LoadedRules> {
  const found = new Map<string, readonly GroupSpec[]>();
  const problems: Problem[] = [];
  const warnings: string[] = [];
  for (const pattern of patterns) {
    const matches = await glob(pattern, files);
    if (matches.length === 0) warnings.push(`rule_files: ${JSON.stringify(pattern)} matches no file`);
    for (const file of matches) {
      if (found.has(file)) continue;
      const loaded = await readRuleFile(file, options, files, clock);
      found.set(file, loaded.ok ? loaded.value : []);
      if (loaded.ok) for (const item of loaded.warnings) warnings.push(item);
      else for (const item of loaded.problems) problems.push(item);
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, files: found, warnings };
}

async function readRuleFile(
  file: string,
  options: RuleFileOptions,
  files: ConfigFiles,
  clock: Clock | undefined,
): Promise<Loaded<readonly GroupSpec[]>> {
  try {
    const steps = parseRuleFileInSteps(await files.read(file), file, options);
    return clock === undefined ? runToEnd(steps) : await runInTimeSlices(clock, steps);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const problem = { file, line: 0, column: 0, code: "unreadable", message: error.message, hint: "" };
    return { ok: false, problems: [problem] };
  }
}

/** Adds the groups of generated rule files to those of the rule files. */
async function withGenerated(
  loaded: LoadedRules,
  generated: ReadonlyMap<string, string> = new Map(),
  options: RuleFileOptions,
  clock: Clock,
): Promise<LoadedRules> {
  if (!loaded.ok || generated.size === 0) return loaded;
  const files = new Map(loaded.files);
  const problems: Problem[] = [];
  for (const [file, text] of generated) {
    const parsed = await runInTimeSlices(clock, parseRuleFileInSteps(text, file, options));
    if (parsed.ok) files.set(file, [...(files.get(file) ?? []), ...parsed.value]);
    else for (const problem of parsed.problems) problems.push({ ...problem, line: 0, column: 0 });
  }
  return problems.length > 0 ? { ok: false, problems } : { ...loaded, files };
}

/** Returns the problems of rule files and of the behaviours of their rules. */
async function checkedBehaviours(loaded: LoadedRules, behaviours: BehaviourSet, clock: Clock): Promise<LoadedRules> {
  if (!loaded.ok || behaviours.entries.length === 0) return loaded;
  const problems = await runInTimeSlices(clock, appliedProblems(loaded.files, behaviours));
  return problems.length > 0 ? { ok: false, problems } : loaded;
}

/** Compiles the behaviours of all rules, so that their groups are created quickly. Returns the problems. */
function* appliedProblems(files: RuleFiles, behaviours: BehaviourSet): Steps<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const [file, specs] of files)
    for (const spec of specs)
      for (const problem of (yield* behaviours.applyInSteps(file, spec)).problems) problems.push(problem);
  return problems;
}

/** Rule groups by the name of their rule file. */
export type RuleFiles = ReadonlyMap<string, readonly GroupSpec[]>;

/** Rule files from a place other than `rule_files` of the configuration. */
interface Place {
  readonly files: RuleFiles;
  /** True until the files were applied once. Only for the first files, the states of alerts are restored. */
  isFirst: boolean;
}

/** The applied configuration and the groups of its rule files. */
interface AppliedRules {
  readonly config: RuleConfig;
  readonly files: RuleFiles;
  readonly behaviours: BehaviourSet;
}

/** Rule groups that are ready to replace the current groups, or the problems that were found in the rule files. */
export type PreparedRules =
  | ({ readonly ok: true; readonly warnings: readonly string[] } & PreparedChange)
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * All rule groups of a server. A reload of the configuration, or a change of the rule files of a place, replaces only
 * groups that have changed.
 */
export class RuleManager {
  readonly #context: GroupContext;
  readonly #files: ConfigFiles;
  #groups = new Map<string, RuleGroup>();
  #applied: AppliedRules | undefined;
  /** The configuration of the current groups. */
  #groupsConfig: RuleConfig | undefined;
  readonly #places = new Map<string, Place>();
  #updates: Promise<void> = Promise.resolve();
  /**
   * True until the first configuration is applied. Only for the first configuration, the start times of alerts are
   * restored from the storage.
   */
  #first = true;
  /** Warnings of the last configuration, which need not be logged again. */
  #warned: ReadonlySet<string> = new Set();
  /** Problems of behaviours that were logged. */
  #behaviourWarnings: ReadonlySet<string> = new Set();
  #started = false;
  /**
   * Functions that write stale markers for the series of removed groups, one for each group. The returned promise
   * resolves when the markers are stored.
   */
  readonly #endings = new Set<() => Promise<void>>();

  constructor(context: GroupContext, files: ConfigFiles = diskFiles) {
    this.#context = context;
    this.#files = files;
  }

  /** Rule groups sorted by file, then by name. */
  get groups(): readonly RuleGroup[] {
    return [...this.#groups.values()].sort(
      (a, b) => compareBytewise(a.file, b.file) || compareBytewise(a.spec.name, b.spec.name),
    );
  }

  /**
   * Starts the evaluation of all groups. Must be called when the storage can answer queries. Groups that are applied
   * later start immediately.
   */
  start(): void {
    this.#started = true;
    for (const group of this.#groups.values()) group.start();
  }

  /** Reads the rule files of a configuration, and creates their groups. */
  async prepare(config: RuleConfig): Promise<PreparedRules> {
    const { clock, parser = {} } = this.#context;
    const options = { scheme: config.scheme, parser };
    const behaviours = new BehaviourSet(config.behaviours ?? [], parser);
    const loaded = await checkedBehaviours(
      await withGenerated(
        await loadRuleFiles(config.ruleFiles, options, this.#files, clock),
        config.generated,
        options,
        clock,
      ),
      behaviours,
      clock,
    );
    if (!loaded.ok) {
      for (const problem of loaded.problems) {
        this.#context.logger.error("loading groups failed", { err: formatProblem(problem) });
      }
      return loaded;
    }
    const { warnings } = loaded;
    for (const warning of warnings)
      if (!this.#warned.has(warning)) this.#context.logger.warn("loading groups", { warning });
    this.#warned = new Set(warnings);
    const { files } = loaded;
    return { ok: true, warnings, apply: () => this.#apply({ config, files, behaviours }), discard: () => undefined };
  }

  /** Returns whether the configuration has loaded a rule file with this name. */
  hasFile(file: string): boolean {
    return this.#applied?.files.has(file) ?? false;
  }

  /**
   * Replaces the rule files of a place, such as the rules of the rules API. A file is ignored if a rule file of the
   * configuration or of an earlier place has the same name. Before the first configuration, the files wait for it.
   * Concurrent calls take effect one after the other.
   */
  setPlace(place: string, files: RuleFiles): Promise<void> {
    this.#places.set(place, { files, isFirst: this.#places.get(place)?.isFirst ?? true });
    return this.#applied === undefined ? Promise.resolve() : this.#update();
  }

  #apply(applied: AppliedRules): Promise<void> {
    this.#applied = applied;
    return this.#update();
  }

  /** Replaces the rule groups by those of the current files. Concurrent calls take effect one after the other. */
  #update(): Promise<void> {
    const done = this.#updates.then(async () => {
      await this.#compileBehaviours(this.#applied!);
      const use = new BehaviourUse(this.#applied!.behaviours);
      await this.#replaceWith(this.#wanted(this.#applied!, use));
      const unused = await runInTimeSlices(this.#context.clock, use.unusedInSteps());
      this.#warnOfBehaviours([...use.problems, ...unused]);
    });
    this.#updates = done.catch(() => undefined);
    return done;
  }

  /** Compiles the behaviours of the rules of places, in time slices. */
  async #compileBehaviours({ behaviours }: AppliedRules): Promise<void> {
    if (behaviours.entries.length === 0) return;
    for (const { files } of this.#places.values())
      await runInTimeSlices(this.#context.clock, appliedProblems(files, behaviours));
  }

  /** Returns the groups of all files. A group whose definition is the same object as before is not created again. */
  #wanted({ config, files }: AppliedRules, use: BehaviourUse): Map<string, RuleGroup> {
    const wanted = new Map<string, RuleGroup>();
    const isSameConfig = config === this.#groupsConfig;
    const add = (file: string, specs: readonly GroupSpec[], isFirst: boolean): void => {
      for (const spec of specs.map((one) => use.apply(file, one))) {
        const key = keyOf(file, spec.name);
        const before = isSameConfig ? this.#groups.get(key) : undefined;
        const isKept = before?.spec === spec;
        wanted.set(key, isKept ? before : new RuleGroup(file, spec, config, this.#context, isFirst));
      }
    };
    const taken = new Set(files.keys());
    for (const [file, specs] of files) add(file, specs, this.#first);
    for (const [name, place] of this.#places) {
      for (const [file, specs] of place.files) {
        if (taken.has(file)) {
          this.#context.logger.warn("Rule file is ignored, because another one has its name", { file, place: name });
          continue;
        }
        taken.add(file);
        add(file, specs, place.isFirst);
      }
      place.isFirst = false;
    }
    this.#first = false;
    this.#groupsConfig = config;
    return wanted;
  }

  /** Logs problems of behaviours that were not logged for the previous groups. */
  #warnOfBehaviours(problems: readonly Problem[]): void {
    const texts = new Set(problems.map(formatProblem));
    for (const text of texts)
      if (!this.#behaviourWarnings.has(text)) this.#context.logger.warn("A behaviour has no effect", { err: text });
    this.#behaviourWarnings = texts;
  }

  async #replaceWith(next: Map<string, RuleGroup>): Promise<void> {
    const old = this.#groups;
    const stopping: Promise<void>[] = [];
    for (const [key, group] of next) {
      const before = old.get(key);
      old.delete(key);
      if (before === group) continue;
      if (before !== undefined && before.identity === group.identity) {
        next.set(key, before);
      } else {
        stopping.push(this.#replace(before, group));
      }
    }
    this.#groups = next;
    for (const group of old.values()) stopping.push(this.#remove(group));
    await Promise.all(stopping);
  }

  async #replace(before: RuleGroup | undefined, group: RuleGroup): Promise<void> {
    if (before !== undefined) {
      await before.stop();
      group.adopt(before);
    }
    if (this.#started) group.start();
  }

  /**
   * Stops a removed group. Two intervals later, or at shutdown, its series get stale markers, unless other rules write
   * to them.
   */
  async #remove(group: RuleGroup): Promise<void> {
    const { clock, storage, logger } = this.#context;
    await group.stop();
    const { series } = group;
    if (series.length === 0) return;
    const stoppedAt = Math.floor(clock.now());
    const end = async (): Promise<void> => {
      cancel();
      await endSeries(clock, storage, series, stoppedAt).catch((error: unknown) =>
        logger.warn("Stale sample append for removed group failed", { group: group.key, err: error }),
      );
      this.#endings.delete(finish);
    };
    let ended: Promise<void> | undefined;
    const finish = (): Promise<void> => (ended ??= end());
    const cancel = clock.after(2 * group.intervalMs, () => void finish());
    this.#endings.add(finish);
  }

  /**
   * Stops every group after its evaluation in progress. The series get no stale markers, because they continue after a
   * restart.
   */
  async stop(): Promise<void> {
    await this.#updates;
    const endings = Array.from(this.#endings, (finish) => finish());
    await Promise.all([...endings, ...[...this.#groups.values()].map((group) => group.stop())]);
  }
}

/** Returns the key of a group. Names of files may contain every character of group names, except U+0000. */
const keyOf = (file: string, name: string): string => `${file}\0${name}`;
