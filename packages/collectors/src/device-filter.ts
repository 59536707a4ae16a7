import { compileCapturing, type Pattern, PatternError } from "@narthex/model";
import type { Logger } from "@narthex/runtime";
import { type FilterFlags, filterExpressions, type Settings, SettingsError } from "./settings.ts";

/**
 * Returns whether a name, for example of a device or mount point, is exported. Results are cached, because names repeat
 * in every scrape.
 */
export type NameFilter = (name: string) => boolean;

/**
 * Maximum number of cached names per filter. The limit bounds the cache on hosts that create thousands of interfaces.
 */
const REMEMBERED_NAMES = 10_000;

/** Compiles a flag's regular expression, which matches anywhere in the name. */
export function compileFlag(flag: string, source: string): Pattern {
  try {
    return compileCapturing(source, false);
  } catch (error) {
    if (error instanceof PatternError) throw new SettingsError(`--${flag}: ${error.message}`);
    throw error;
  }
}

/** Returns a filter that remembers the results of another filter. */
export function remembering(test: NameFilter): NameFilter {
  const answers = new Map<string, boolean>();
  return (name) => {
    let answer = answers.get(name);
    if (answer === undefined) {
      answer = test(name);
      if (answers.size >= REMEMBERED_NAMES) answers.clear();
      answers.set(name, answer);
    }
    return answer;
  };
}

/** Keeps names that the pattern of `flag` matches. */
export function keepMatching(settings: Settings, flag: string): NameFilter {
  const pattern = compileFlag(flag, settings.text(flag));
  return remembering((name) => pattern.test(name));
}

/**
 * Keeps names that the include expression matches and the exclude expression does not. An empty expression does not
 * filter.
 */
export function keepAndDrop(settings: Settings, flags: Pick<FilterFlags, "include" | "exclude">): NameFilter {
  const patternOf = (flag: string): Pattern | undefined =>
    settings.text(flag) === "" ? undefined : compileFlag(flag, settings.text(flag));
  return byPatterns(patternOf(flags.include), patternOf(flags.exclude));
}

function byPatterns(accepted: Pattern | undefined, dropped: Pattern | undefined): NameFilter {
  if (accepted === undefined && dropped === undefined) return () => true;
  return remembering((name) => dropped?.test(name) !== true && accepted?.test(name) !== false);
}

/**
 * Keeps names that the include expression matches, or drops names that the exclude expression matches. An empty
 * expression does not filter. With a logger, logs a warning if an old flag name is used.
 */
export function filterBy(settings: Settings, flags: FilterFlags, logger?: Logger): NameFilter {
  const { include, exclude } = filterExpressions(settings, flags, logger);
  const accepted = include === "" ? undefined : compileFlag(flags.include, include);
  const dropped = exclude === "" ? undefined : compileFlag(flags.exclude, exclude);
  return byPatterns(accepted, dropped);
}
