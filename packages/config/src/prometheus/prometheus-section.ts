import { type Codec, INVALID } from "../decode/codec.ts";
import { listOf } from "../decode/collections.ts";
import { DecodeContext, type Report } from "../decode/decode-context.ts";
import { isNull, type MapNode, type YamlNode } from "../yaml/node.ts";
import { filePath } from "../decode/locations.ts";
import type { Position } from "../problem.ts";
import { field, optional, type FieldPositions, type Section, section } from "../decode/section.ts";
import { alertingSection } from "./alerting-section.ts";
import { downsamplingSection } from "./downsampling-section.ts";
import { ESCAPING_HINT, globalSection, runtimeSection, unknownEscaping } from "./global-section.ts";
import type { GlobalConfig } from "./global.ts";
import { type DiscoveryKind, discoveryRest } from "./discovery-kinds.ts";
import type { Environment } from "./environment.ts";
import { longTermStoreSection } from "./long-term-store-section.ts";
import type { PrometheusConfig } from "./prometheus-config.ts";
import { remoteReadSection, remoteWriteSection } from "./remote-section.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import { scrapeSection } from "./scrape-section.ts";
import { storageSection } from "./storage-section.ts";
import { otlpSection, tracingSection } from "./telemetry-section.ts";

export interface PrometheusOptions {
  /**
   * Mechanisms of target discovery that Narthex supports. Sections of other mechanisms are accepted, but find no
   * targets.
   */
  readonly discoveryKinds?: readonly DiscoveryKind[];
  /** Mechanisms of job discovery that Narthex supports. Keys of other mechanisms are refused as unknown. */
  readonly jobDiscoveryKinds?: readonly DiscoveryKind[];
  readonly env?: Environment;
  readonly agent?: boolean;
  readonly extraScrapeMetrics?: boolean;
  /** True if jobs request the protobuf format first, unless they configure protocols. */
  readonly protobufFirst?: boolean;
}

/** The sections of a configuration file. Their defaults are the values of the file's own section `global`. */
export interface PrometheusSections {
  readonly file: Section<PrometheusConfig>;
  readonly scrapeConfigs: Codec<readonly ScrapeConfig[]>;
  readonly global: GlobalConfig;
}

/**
 * Returns the sections for decoding a file. Reads the section `global` first, because the other sections inherit from
 * it. Problems in `global` are not reported by this function, but when the whole file is decoded.
 */
export function prometheusSections(
  root: YamlNode,
  file: string,
  options: PrometheusOptions,
  warn: (message: string) => void,
): PrometheusSections {
  const env = options.env ?? {};
  const { extraScrapeMetrics = false, protobufFirst = false } = options;
  const globals = globalSection({ env, warn, extraScrapeMetrics, protobufFirst });
  const quiet = globalSection({ env, warn: () => undefined, extraScrapeMetrics, protobufFirst });
  const given = root.kind === "map" ? root.entries.findLast(({ key }) => key.text === "global")?.value : undefined;
  const early = given === undefined || isNull(given) ? INVALID : quiet.decode(given, new DecodeContext(file));
  const global = early === INVALID ? globals.empty() : early;
  const scheme = global.metricNameValidationScheme;
  const inherited = { kinds: options.discoveryKinds ?? [], scheme, warn };
  const scrapeConfigs = listOf(scrapeSection(global, inherited), {
    goType: "[]*config.ScrapeConfig",
    nullItem: "empty or null scrape config section",
  });
  const runtime = runtimeSection(env);
  const absentGlobal: GlobalConfig = { ...globals.empty(), metricNameEscapingScheme: "allow-utf-8" };
  const alerting = alertingSection(inherited);
  const otlp = otlpSection(scheme);
  const whole = section<PrometheusConfig>(
    "config.plain",
    {
      // For a section `global` that is present but empty, uses the defaults of an absent section.
      global: field("global", { ...globals, whenNull: () => absentGlobal }, absentGlobal),
      runtime: field("runtime", { ...runtime, whenNull: () => runtime.empty() }, runtime.empty()),
      alerting: field("alerting", alerting, alerting.empty()),
      ruleFiles: field("rule_files", patternList("rule file path"), []),
      scrapeConfigFiles: field("scrape_config_files", patternList("scrape config file path"), []),
      scrapeConfigs: field("scrape_configs", scrapeConfigs, []),
      storage: field("storage", storageSection, storageSection.empty()),
      tracing: optional("tracing", tracingSection),
      remoteWrite: field(
        "remote_write",
        listOf(remoteWriteSection(scheme), {
          goType: "[]*config.RemoteWriteConfig",
          nullItem: "empty or null remote write config section",
        }),
        [],
      ),
      remoteRead: field(
        "remote_read",
        listOf(remoteReadSection, {
          goType: "[]*config.RemoteReadConfig",
          nullItem: "empty or null remote read config section",
        }),
        [],
      ),
      otlp: field("otlp", otlp, otlp.empty()),
      jobDiscoveryConfigs: discoveryRest(options.jobDiscoveryKinds ?? []),
      downsampling: field("downsampling", listOf(downsamplingSection), []),
      longTermStore: optional("long_term_store", longTermStoreSection(scheme)),
    },
    (value, at, report) => (checkWhole(value, at, report, options.agent ?? false) ? value : INVALID),
  );
  return { file: whole, scrapeConfigs, global };
}

/**
 * Returns the codec of a list of glob patterns. Relative patterns are joined to the file's folder. `*` is allowed only
 * in the last part of a path.
 */
function patternList(what: string): Codec<readonly string[]> {
  const pattern: Codec<string> = {
    ...filePath,
    decode(node, context) {
      if (node.kind === "scalar" && !/^[^*]*(\*[^/]*)?$/.test(node.text)) {
        const hint = "a * may stand in the last part of the path only";
        context.report(node, "bad-pattern", `invalid ${what} "${node.text}"`, hint);
        return INVALID;
      }
      return filePath.decode(node, context);
    },
  };
  return listOf(pattern);
}

function checkWhole(
  value: PrometheusConfig,
  at: FieldPositions<PrometheusConfig>,
  report: Report,
  agent: boolean,
): boolean {
  const jobs = repeatedName(value.scrapeConfigs.map(({ jobName, position }) => ({ name: jobName, position })));
  let sound = true;
  const refuse = (position: Position, code: string, message: string, hint: string): void => {
    report(position, code, message, hint);
    sound = false;
  };
  const escaping = unknownEscaping(value.global);
  if (value.scrapeConfigs.length > 0 && escaping !== undefined)
    refuse(at.global, "name-escaping", escaping, ESCAPING_HINT);
  if (jobs !== undefined) {
    const message = `found multiple scrape configs with job name "${jobs.name}"`;
    refuse(jobs.position, "repeated-job", message, "give each job a name of its own");
  }
  for (const [what, list] of [
    ["write", value.remoteWrite],
    ["read", value.remoteRead],
  ] as const) {
    const twice = repeatedName(list.filter(({ name }) => name !== ""));
    if (twice === undefined) continue;
    const message = `found multiple remote ${what} configs with job name "${twice.name}"`;
    refuse(twice.position, "repeated-remote", message, "give each entry a name of its own");
  }
  if (agent) {
    const forbidden = [
      ["alerting", value.alerting.alertmanagers.length + value.alerting.alertRelabelConfigs.length, at.alerting],
      ["rule_files", value.ruleFiles.length, at.ruleFiles],
      ["remote_read", value.remoteRead.length, at.remoteRead],
      ["downsampling", value.downsampling.length, at.downsampling],
      ["long_term_store", value.longTermStore === undefined ? 0 : 1, at.longTermStore],
    ] as const;
    for (const [name, count, position] of forbidden) {
      if (count > 0) refuse(position, "agent-mode", `field ${name} is not allowed in agent mode`, "remove it");
    }
  }
  return sound;
}

/** Returns the first entry whose name an earlier entry also has, or undefined. */
function repeatedName<T extends { readonly name: string }>(entries: readonly T[]): T | undefined {
  const seen = new Set<string>();
  return entries.find(({ name }) => seen.size === seen.add(name).size);
}

/** Returns the section for a scrape config file, which contains only jobs. */
export function scrapeFileSection(
  scrapeConfigs: Codec<readonly ScrapeConfig[]>,
  jobDiscoveryKinds: readonly DiscoveryKind[],
): Section<Pick<PrometheusConfig, "scrapeConfigs" | "jobDiscoveryConfigs">> {
  return section("config.ScrapeConfigs", {
    scrapeConfigs: field("scrape_configs", scrapeConfigs, []),
    jobDiscoveryConfigs: discoveryRest(jobDiscoveryKinds),
  });
}

/** YAML tree of an empty file. */
export const emptyMap: MapNode = { kind: "map", entries: [], line: 1, column: 1 };
