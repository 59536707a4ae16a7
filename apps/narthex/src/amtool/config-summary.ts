import type { Problem } from "@narthex/config";

/**
 * What upstream says of the file: the first fault of a value's sense, or else all that does not fit the file's shape.
 *
 * @param problems in the order of the file
 * @param met in the order they were met: of what is checked last, routes below others come first
 */
export function summaryOf(problems: readonly Problem[], met: readonly Problem[] = problems): string {
  const last = met.filter((problem) => rankOf(problem) !== -1).toSorted((a, b) => rankOf(a) - rankOf(b));
  const ordered = [...problems.filter((problem) => rankOf(problem) === -1), ...last];
  const lines = ordered.map(({ line, code, message }) => ({ line, code, words: message.replace(VALUE_PLACE, "") }));
  const misfits = lines.filter(({ words }) => MISFIT.test(words));
  // Of two sources for one thing it speaks when all else has its shape.
  const sense = lines.find(
    ({ words, code }) => !MISFIT.test(words) && (misfits.length === 0 || code !== "two-sources"),
  );
  if (sense !== undefined) return sense.words;
  return `yaml: unmarshal errors:\n${misfits.map(({ line, words }) => `  line ${line}: ${words}`).join("\n")}`;
}

/** What upstream checks last, in its order. */
const LAST = [
  "bad-root-route",
  "undefined-receiver",
  "repeated-interval",
  "undefined-interval",
  "continued-root-route",
];
const rankOf = ({ code }: Problem): number => LAST.indexOf(code);

/** The field's name in front of what is wrong with its value; within a map of texts, the key belongs to it. */
const VALUE_PLACE = /^field (?:\w+: (?!not found in type )|.*?: (?=cannot unmarshal !!))/s;
const MISFIT = /^cannot unmarshal !!|^field .+ (?:not found|already set) in type /;
