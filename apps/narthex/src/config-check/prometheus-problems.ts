import {
  type ConfigFiles,
  formatProblem,
  loadPrometheusConfig,
  type PrometheusConfig,
  SourceError,
} from "@narthex/config";
import { discoverers, jobDiscoveryKinds } from "@narthex/discovery";
import { parseRuleFile } from "@narthex/rules";
import type { Host } from "@narthex/runtime";
import { CheckError, checkReferences, ruleFilesOf } from "../promtool/config-references.ts";
import { duplicateRules } from "../promtool/duplicate-rules.ts";
import { readFeatures } from "../promtool/features.ts";

export interface ConfigVerdict<C> {
  /**
   * The configuration; undefined if the main file cannot be read. Files that it refers to may be invalid even if it is
   * defined.
   */
  readonly config: C | undefined;
  /** Messages that begin with file, line and column. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

interface Reading {
  readonly host: Pick<Host, "env">;
  readonly files: ConfigFiles;
  readonly agent?: boolean;
  /** Enabled features of PromQL, named as in `--enable-feature`. */
  readonly features?: readonly string[];
}

/**
 * Reads a prometheus.yml and all files that it refers to, as `promtool check config` does. Returns all problems of the
 * main file, or all problems of its rule files. The check stops at the first invalid reference to another file.
 */
export async function readPrometheus(
  file: string,
  { host, files, agent = false, features = [] }: Reading,
): Promise<ConfigVerdict<PrometheusConfig>> {
  const loaded = await loadPrometheusConfig(file, {
    files,
    env: host.env,
    agent,
    discoveryKinds: discoverers,
    jobDiscoveryKinds,
  });
  if (!loaded.ok) return { config: undefined, errors: loaded.problems.map(formatProblem), warnings: [] };
  const warnings = [...loaded.warnings];
  const errors: string[] = [];
  const check = {
    file,
    files,
    syntaxOnly: false,
    print: (line: string): void => void warnings.push(line.trim().replace(/^WARNING: /, "")),
  };
  try {
    await checkReferences(loaded.value, check);
    const parser = readFeatures(features).features;
    for (const path of await ruleFilesOf(loaded.value, check)) {
      const rules = parseRuleFile(await files.read(path), path, { ignoreUnknownFields: false, parser });
      if (!rules.ok) {
        errors.push(...rules.problems.map(formatProblem));
        continue;
      }
      warnings.push(...rules.warnings.map((warning) => `${path}: ${warning}`));
      for (const { metric } of duplicateRules(rules.value)) {
        warnings.push(`${path}: two rules write ${metric} with the same labels; rename or remove one of them`);
      }
    }
  } catch (error) {
    if (!(error instanceof CheckError) && !(error instanceof SourceError)) throw error;
    errors.push(error.message);
  }
  return { config: loaded.value, errors, warnings };
}
