import type { RuleGroup } from "../../api/rule-data.ts";
import type { GroupContent, RuleContent } from "../../api/stored-rules.ts";
import { formatDuration, parseDuration } from "../../format/duration.ts";

/** Returns a loaded group as a rule file contains it. Labels of the group are part of the labels of its rules. */
export const loadedContent = ({ name, interval, limit = 0, rules }: RuleGroup): GroupContent => ({
  name,
  interval: formatDuration(interval * 1000),
  ...(limit > 0 && { limit }),
  rules: rules.map((rule) => ({
    [rule.type === "alerting" ? "alert" : "record"]: rule.name,
    expr: rule.query,
    ...(rule.type === "alerting" && rule.duration > 0 && { for: formatDuration(rule.duration * 1000) }),
    ...(rule.type === "alerting" &&
      rule.keepFiringFor > 0 && { keep_firing_for: formatDuration(rule.keepFiringFor * 1000) }),
    ...(rule.labels !== undefined && { labels: rule.labels }),
    ...(rule.type === "alerting" && rule.annotations !== undefined && { annotations: rule.annotations }),
  })),
});

/** Returns a group with one of its alerting rules, and the recording rules whose series the rule may read. */
export const groupWithOneAlert = (group: GroupContent, index: number): GroupContent => ({
  ...group,
  rules: (group.rules ?? []).filter(({ record }, at) => record !== undefined || at === index),
});

/** Returns the text of a rule file with one group. Fields of a group that Prometheus does not have are left out. */
export function ruleFileText({ name, interval, query_offset, limit, labels, rules = [] }: GroupContent): string {
  const lines = ["groups:", `  - name: ${scalar(name)}`];
  if (interval !== undefined) lines.push(`    interval: ${scalar(interval)}`);
  if (query_offset !== undefined) lines.push(`    query_offset: ${scalar(query_offset)}`);
  if (limit !== undefined) lines.push(`    limit: ${limit}`);
  addMap(lines, "labels", labels, "    ");
  lines.push(rules.length === 0 ? "    rules: []" : "    rules:");
  for (const rule of rules) addRule(lines, rule);
  return `${lines.join("\n")}\n`;
}

function addRule(lines: string[], rule: RuleContent): void {
  const indent = " ".repeat(8);
  let lead = `${indent.slice(2)}- `;
  for (const key of ["record", "alert", "expr", "for", "keep_firing_for"] as const) {
    const value = rule[key];
    if (value === undefined) continue;
    lines.push(`${lead}${key}: ${scalar(value, `${indent}  `)}`);
    lead = indent;
  }
  addMap(lines, "labels", rule.labels, indent);
  addMap(lines, "annotations", rule.annotations, indent);
}

function addMap(
  lines: string[],
  name: string,
  texts: Readonly<Record<string, string>> | undefined,
  indent: string,
): void {
  const entries = Object.entries(texts ?? {});
  if (entries.length === 0) return;
  lines.push(`${indent}${name}:`);
  for (const [key, text] of entries) lines.push(`${indent}  ${scalar(key)}: ${scalar(text, `${indent}    `)}`);
}

/** Words that YAML 1.1 or 1.2 reads as something other than a text. */
const RESERVED: ReadonlySet<string> = new Set(["true", "false", "null", "yes", "no", "on", "off", "y", "n"]);
const WORD = /^[A-Za-z_][\w-]*$/;
/** A line without characters that YAML reads as line breaks or refuses. */
const PRINTABLE = /^[\x20-\x7E\u00A1-\u1FFF\u3000-\uD7FF]*$/;

/**
 * Returns a text as a scalar of YAML.
 * @param indent indentation of a block of several lines; undefined if the scalar must be one line
 */
function scalar(text: string, indent?: string): string {
  if (WORD.test(text) && !RESERVED.has(text.toLowerCase())) return text;
  if (text !== "0" && parseDuration(text) !== null) return text;
  if (PRINTABLE.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return (indent === undefined ? undefined : block(text, indent)) ?? JSON.stringify(text);
}

/** Returns a text as a block of lines, or undefined if YAML would read another text. */
function block(text: string, indent: string): string | undefined {
  const endsLine = text.endsWith("\n");
  const lines = (endsLine ? text.slice(0, -1) : text).split("\n");
  const [first, last] = [lines[0]!, lines.at(-1)!];
  if (first.startsWith(" ") || first === "" || last.trim() === "") return undefined;
  if (!lines.every((line) => PRINTABLE.test(line))) return undefined;
  const body = lines.map((line) => (line === "" ? "" : indent + line));
  return [endsLine ? "|" : "|-", ...body].join("\n");
}
