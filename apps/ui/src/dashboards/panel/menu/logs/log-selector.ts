import type { Frame } from "@narthex/dashboards";
import { literalPattern } from "../../../../format/literal-pattern.ts";

/** Labels with more values than this are not used. */
const MAX_VALUES = 50;
/** Labels of series that name the metric or a part of it, and no origin. */
const OWN_LABELS: ReadonlySet<string> = new Set(["__name__", "le", "quantile"]);

/**
 * Returns a selector of log streams in LogQL for the labels of all series in the frames. Uses only labels that each
 * series has and that the log source knows. Undefined if there is no such label.
 * @param known names of the log source's labels
 */
export function logSelector(frames: readonly Frame[], known: readonly string[]): string | undefined {
  const series = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === "number"));
  const matchers = known.flatMap((name) => {
    const values = new Set(series.map(({ labels }) => ownLabel(labels, name)));
    if (OWN_LABELS.has(name) || values.size === 0 || values.size > MAX_VALUES || values.has("")) return [];
    const [value = ""] = values;
    return values.size === 1
      ? `${name}=${quoted(value)}`
      : `${name}=~${quoted([...values].sort().map(literalPattern).join("|"))}`;
  });
  return matchers.length === 0 ? undefined : `{${matchers.join(", ")}}`;
}

const ownLabel = (labels: Readonly<Record<string, string>> = {}, name: string): string =>
  Object.hasOwn(labels, name) ? labels[name]! : "";

/** Returns a text as a LogQL string, whose escapes include those of JSON. */
const quoted = (text: string): string => JSON.stringify(text);
