import type { FamilyLines } from "./family-lines.ts";

export const SUCCESS = "node_scrape_collector_success";
const DURATION = "node_scrape_collector_duration_seconds";
const collectorOf = (line: string): string => /collector="(\w+)"/.exec(line)?.[1] ?? "";

/** Families of collectors that are not there yet begin with these. */
const PREFIXES: Readonly<Record<string, string>> = {
  cpu_vulnerabilities: "node_cpu_vulnerabilities_",
  dmmultipath: "node_dmmultipath_",
  meminfo_numa: "node_memory_numa_",
  tapestats: "node_tape_",
};

/** The lines without those of collectors that did not run. */
export function ofCollectors(lines: FamilyLines, ran: FamilyLines): FamilyLines {
  const names = new Set([...(ran.get(SUCCESS) ?? [])].map(collectorOf));
  const absent = [...(lines.get(SUCCESS) ?? [])].map(collectorOf).filter((name) => name !== "" && !names.has(name));
  const prefixes = absent.map((name) => PREFIXES[name] ?? `node_${name}_`);
  const families = [...lines].filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix)));
  return new Map(
    families.map(([name, all]) => [
      name,
      name === SUCCESS || name === DURATION
        ? new Set([...all].filter((line) => !absent.includes(collectorOf(line))))
        : all,
    ]),
  );
}
