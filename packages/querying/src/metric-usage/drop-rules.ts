import { literalPattern } from "@narthex/model";

/** Largest number of metric names in one rule. More names would make the lines hard to read. */
const NAMES_PER_RULE = 20;

export interface DroppedMetrics {
  readonly job: string;
  readonly names: readonly string[];
}

/**
 * Returns relabeling rules as YAML that drop metrics when they are scraped. Returns an empty text if `jobs` has no
 * metrics.
 */
export function dropRules(jobs: readonly DroppedMetrics[]): string {
  if (jobs.length === 0) return "";
  return ["scrape_configs:", ...jobs.flatMap(rulesOfJob), ""].join("\n");
}

function rulesOfJob({ job, names }: DroppedMetrics): string[] {
  const lines = [`  - job_name: ${quoted(job)}`, "    metric_relabel_configs:"];
  for (let at = 0; at < names.length; at += NAMES_PER_RULE) {
    const regex = names
      .slice(at, at + NAMES_PER_RULE)
      .map(literalPattern)
      .join("|");
    lines.push("      - source_labels: [__name__]", `        regex: ${quoted(regex)}`, "        action: drop");
  }
  return lines;
}

/** Quotes a text for YAML in single quotes, in which the only escape is a doubled quote. */
const quoted = (text: string): string =>
  /[\n\r]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
