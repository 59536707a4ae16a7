/** Texts with which a variable's query begins. */
const BEGINNINGS: readonly string[] = ["label_values(", "label_names()", "metrics(", "query_result("];

/** Maximum number of completions of a text. */
const MOST = 50;

/** The names at a data source that a query can contain. */
export interface SourceNames {
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
}

/**
 * Returns complete texts of a variable's query that continue a typed text: functions, then metric and label names.
 * @param text typed text up to the cursor
 */
export function variableCompletions(text: string, { metrics, labels }: SourceNames): readonly string[] {
  const open = text.indexOf("(");
  if (open === -1) return BEGINNINGS.filter((one) => one.startsWith(text.trim()));
  const [start, inside] = [text.slice(0, open + 1), text.slice(open + 1)];
  switch (text.slice(0, open).trim()) {
    case "label_values": {
      const comma = inside.lastIndexOf(",");
      // A comma within braces is between the matchers of the selector.
      if (inside.lastIndexOf("{") > inside.lastIndexOf("}")) return [];
      if (comma !== -1)
        return fitting(labels, inside.slice(comma + 1), (label) => `${start}${inside.slice(0, comma)}, ${label})`);
      return [
        ...fitting(labels, inside, (label) => `${start}${label})`).slice(0, MOST / 2),
        ...fitting(metrics, inside, (metric) => `${start}${metric}, `),
      ].slice(0, MOST);
    }
    case "metrics":
      return fitting(metrics, inside, (metric) => `${start}${metric})`);
    case "query_result": {
      const from = wordStart(inside);
      const word = inside.slice(from);
      return word === "" ? [] : fitting(metrics, word, (metric) => `${start}${inside.slice(0, from)}${metric}`);
    }
    default:
      return [];
  }
}

/** Returns completions with the names that contain a typed part. Names that begin with the part are first. */
function fitting(names: readonly string[], typed: string, complete: (name: string) => string): readonly string[] {
  const part = typed.trim().toLowerCase();
  if (part.endsWith(")")) return [];
  const found = names.filter((name) => name.toLowerCase().includes(part));
  const first = found.filter((name) => name.toLowerCase().startsWith(part));
  const all = [...new Set([...first, ...found])];
  return all.slice(0, MOST).map(complete);
}

/** Returns the index at which the last metric name of an expression begins. */
function wordStart(expr: string): number {
  let at = expr.length;
  while (at > 0 && isNameCharacter(expr[at - 1]!)) at--;
  return at;
}

const NAME_CHARACTERS = new Set("_:0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
const isNameCharacter = (character: string): boolean => NAME_CHARACTERS.has(character);
