/** Matches a line at which a key of the outermost map begins. */
const KEY_LINE = /^[\w"'./~]/;

/** Matches a line that can be part of a namespace: empty, indented, a comment, or an item of a list. */
const INNER_LINE = /^(?:$|[ #]|-(?: |$))/;

/**
 * Splits a YAML map into the texts of its entries, by lines. Returns undefined if a line does not belong to a plain
 * block of lines: flow maps, directives, documents, anchors.
 */
export function namespaceTexts(yaml: string): readonly string[] | undefined {
  const lines = yaml.split("\n");
  const starts: number[] = [];
  for (const [i, line] of lines.entries()) {
    if (KEY_LINE.test(line)) starts.push(i);
    else if (!INNER_LINE.test(line) || (starts.length === 0 && /^[ -]/.test(line))) return undefined;
  }
  if (starts.length === 0) return undefined;
  return starts.map((start, i) => `${lines.slice(start, starts[i + 1]).join("\n")}\n`);
}

/** The texts of a namespace: its key, and its groups as lists with one item. */
export interface GroupTexts {
  readonly key: string;
  readonly groups: readonly string[];
}

/**
 * Splits the text of a namespace into its key and its groups, by the lines that begin an item. Returns undefined if the
 * groups are not a plain block of lines below the key. A text may be split at a wrong line, for instance within quotes.
 * Then a part is not valid YAML.
 */
export function groupTexts(namespace: string): GroupTexts | undefined {
  const [key = "", ...lines] = namespace.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const line = lines[first] ?? "";
  const item = `${line.slice(0, line.length - line.trimStart().length)}- `;
  if (!line.startsWith(item) || !key.trimEnd().endsWith(":")) return undefined;
  const starts = lines.flatMap((one, i) => (one.startsWith(item) ? [i] : []));
  return { key: `${key}\n`, groups: starts.map((start, i) => `${lines.slice(start, starts[i + 1]).join("\n")}\n`) };
}
