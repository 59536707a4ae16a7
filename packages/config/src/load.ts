import { DecodeContext } from "./decode/decode-context.ts";
import { INVALID } from "./decode/codec.ts";
import type { Loaded } from "./decode/decode.ts";
import { parseYaml } from "./yaml/node.ts";
import type { Problem } from "./problem.ts";
import type { Section } from "./decode/section.ts";
import { ESCAPING_HINT, unknownEscaping } from "./prometheus/global-section.ts";
import type { PrometheusConfig } from "./prometheus/prometheus-config.ts";
import {
  emptyMap,
  type PrometheusOptions,
  prometheusSections,
  scrapeFileSection,
  type PrometheusSections,
} from "./prometheus/prometheus-section.ts";
import type { ScrapeConfig } from "./prometheus/scrape-config.ts";
import { type ConfigFiles, diskFiles, glob, isBadPattern, SourceError } from "./source.ts";
import { unbuiltFeatures } from "./prometheus/unbuilt-features.ts";

/** Options for loading a configuration: access to files, and options of the decoder. */
export interface LoadOptions extends PrometheusOptions {
  readonly files?: ConfigFiles;
}

/**
 * Reads, decodes and checks a prometheus.yml with its scrape config files. Never throws for bad input: a missing or
 * invalid file results in problems. A feature that Narthex does not support results in a warning, not a problem.
 */
export async function loadPrometheusConfig(file: string, options: LoadOptions = {}): Promise<Loaded<PrometheusConfig>> {
  const files = options.files ?? diskFiles;
  const source = await readSource(file, files);
  if (typeof source !== "string") return { ok: false, problems: [source] };
  const warnings = new Set<string>();
  const warn = (message: string): void => void warnings.add(message);
  const parsed = parsePrometheusConfig(source, file, options, warn);
  if (!parsed.ok) return parsed;
  const { value, sections } = parsed;
  const section = scrapeFileSection(sections.scrapeConfigs, options.jobDiscoveryKinds ?? []);
  const more = await loadScrapeConfigFiles(value, file, section, files);
  if (!more.ok) return more;
  for (const feature of unbuiltFeatures(value)) warn(feature);
  return { ok: true, value: { ...value, ...more.value }, warnings: [...warnings] };
}

type Parsed =
  | { readonly ok: true; readonly value: PrometheusConfig; readonly sections: PrometheusSections }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Parses the text of the main file only; scrape config files are not read. */
export function parsePrometheusConfig(
  text: string,
  file: string,
  options: PrometheusOptions,
  warn: (message: string) => void,
): Parsed {
  const parsed = parseYaml(text, file);
  if (parsed.problems.length > 0) return { ok: false, problems: parsed.problems };
  const root = parsed.root ?? emptyMap;
  const sections = prometheusSections(root, file, options, warn);
  const context = new DecodeContext(file);
  const value = sections.file.decode(root, context);
  if (value === INVALID || context.problems.length > 0) return { ok: false, problems: inFileOrder(context.problems) };
  return { ok: true, value, sections };
}

const inFileOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column);

async function readSource(file: string, files: ConfigFiles): Promise<string | Problem> {
  try {
    return await files.read(file);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const column = error.line === 0 ? 0 : 1;
    return { file, line: error.line, column, code: "unreadable", message: error.message, hint: "" };
  }
}

/** Parts of a configuration that both the main file and scrape config files may contain. */
type Found = Pick<PrometheusConfig, "scrapeConfigs" | "jobDiscoveryConfigs">;

type ScrapeFiles =
  | { readonly ok: true; readonly value: Found }
  | { readonly ok: false; readonly problems: readonly Problem[] };

async function loadScrapeConfigFiles(
  config: PrometheusConfig,
  mainFile: string,
  section: Section<Found>,
  files: ConfigFiles,
): Promise<ScrapeFiles> {
  const jobs = [...config.scrapeConfigs];
  const discovery = [...config.jobDiscoveryConfigs];
  const homes = new Map<string, string>(jobs.map(({ jobName }) => [jobName, "main config file"]));
  const problems: Problem[] = [];
  for (const pattern of config.scrapeConfigFiles) {
    if (isBadPattern(pattern)) problems.push(badPattern(pattern, mainFile));
    for (const file of await glob(pattern, files)) {
      if (file === mainFile) continue;
      const source = await readSource(file, files);
      if (typeof source !== "string") {
        problems.push(source);
        continue;
      }
      const context = new DecodeContext(file);
      const parsed = parseYaml(source, file);
      for (const item of parsed.problems) problems.push(item);
      const decoded = section.decode(parsed.root ?? emptyMap, context);
      for (const item of inFileOrder(context.problems)) problems.push(item);
      if (decoded === INVALID) continue;
      const [first] = decoded.scrapeConfigs;
      const escaping = first && unknownEscaping(config.global);
      if (escaping !== undefined) problems.push(badEscaping(escaping, first!, file));
      for (const item of decoded.jobDiscoveryConfigs) discovery.push(item);
      for (const job of decoded.scrapeConfigs) {
        const home = homes.get(job.jobName);
        if (home !== undefined) problems.push(repeatedJob(job, home, file));
        homes.set(job.jobName, `"${file}"`);
        jobs.push({ ...job, file });
      }
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { scrapeConfigs: jobs, jobDiscoveryConfigs: discovery } };
}

const badPattern = (pattern: string, file: string): Problem => ({
  file,
  line: 0,
  column: 0,
  code: "bad-pattern",
  message: `error retrieving scrape config files for ${JSON.stringify(pattern)}: syntax error in pattern`,
  hint: "close the bracket in scrape_config_files",
});

const badEscaping = (message: string, { position }: ScrapeConfig, file: string): Problem => ({
  file,
  ...position,
  code: "name-escaping",
  message,
  hint: `${ESCAPING_HINT} in the main config file`,
});

const repeatedJob = (job: ScrapeConfig, home: string, file: string): Problem => ({
  file,
  ...job.position,
  code: "repeated-job",
  message: `found multiple scrape configs with job name "${job.jobName}", first found in ${home}`,
  hint: "give each job a name of its own",
});
