import { literalPattern } from "./literal-pattern.ts";

/** Largest number of names in a rule, because long lines are hard to read. */
const NAMES_PER_RULE = 20;

/** Metrics of a scrape job to drop. */
export interface DroppedMetrics {
  readonly job: string;
  readonly names: readonly string[];
}

/**
 * Returns relabeling rules that drop metrics when they are scraped, as YAML for the configuration. Returns an empty
 * text if there is nothing to drop.
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

/** In YAML, the only escape in single quotes is a doubled quote. */
const quoted = (text: string): string =>
  /[\n\r]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
