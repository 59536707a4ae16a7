import type { Problem } from "@narthex/config";

/**
 * Returns the error that the original amtool prints for an invalid file: the first invalid value, or all structural
 * problems if no value is invalid.
 * @param problems in the order of the file
 * @param met in the order in which the checks found them; among the last checks, child routes come before their parents
 */
export function summaryOf(problems: readonly Problem[], met: readonly Problem[] = problems): string {
  const last = met.filter((problem) => rankOf(problem) !== -1).toSorted((a, b) => rankOf(a) - rankOf(b));
  const ordered = [...problems.filter((problem) => rankOf(problem) === -1), ...last];
  const lines = ordered.map(({ line, code, message }) => ({ line, code, words: message.replace(VALUE_PLACE, "") }));
  const misfits = lines.filter(({ words }) => MISFIT.test(words));
  // Problems with the meaning of settings. The original amtool reports that a setting has two sources only if the file
  // has no structural problem.
  const sense = lines.find(
    ({ words, code }) => !MISFIT.test(words) && (misfits.length === 0 || code !== "two-sources"),
  );
  if (sense !== undefined) return sense.words;
  return `yaml: unmarshal errors:\n${misfits.map(({ line, words }) => `  line ${line}: ${words}`).join("\n")}`;
}

/** Codes of the problems that the original amtool finds in its final checks, in the order of these checks. */
const LAST = [
  "bad-root-route",
  "undefined-receiver",
  "repeated-interval",
  "undefined-interval",
  "continued-root-route",
];
const rankOf = ({ code }: Problem): number => LAST.indexOf(code);

/**
 * Matches the start of a message that names the field of an invalid value. The original amtool does not print this
 * start. In a map of strings, the key is part of the problem's text.
 */
const VALUE_PLACE = /^field (?:\w+: (?!not found in type )|.*?: (?=cannot unmarshal !!))/s;
const MISFIT = /^cannot unmarshal !!|^field .+ (?:not found|already set) in type /;
