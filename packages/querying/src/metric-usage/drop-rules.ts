import { literalPattern } from "./literal-pattern.ts";

/** Names of one rule: longer lines are hard to read. */
const NAMES_PER_RULE = 20;

/** Metrics of a scrape job that are to be dropped. */
export interface DroppedMetrics {
  readonly job: string;
  readonly names: readonly string[];
}

/** Rules for the configuration that drop metrics as they are scraped, as YAML; "" where there is nothing to drop. */
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

/** YAML's single quotes know no escapes but their own. */
const quoted = (text: string): string =>
  /[\n\r]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
