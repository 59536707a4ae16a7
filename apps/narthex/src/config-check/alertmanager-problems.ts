import { FeatureFlagError, readFeatureFlags } from "@narthex/alertmanager-app";
import { type AlertmanagerConfig, configSection } from "@narthex/alertmanager-config";
import { type ConfigFiles, decodeYaml, formatProblem, SourceError } from "@narthex/config";
import type { Host } from "@narthex/runtime";
import { readTemplates } from "../amtool/alertmanager-config.ts";
import { CommandError } from "../command-line/command.ts";
import type { ConfigVerdict } from "./prometheus-problems.ts";

interface Reading {
  readonly host: Pick<Host, "env" | "clock">;
  readonly files: ConfigFiles;
  /** Values of `--enable-feature`, separated by commas. */
  readonly features?: string;
}

/** Reads an alertmanager.yml with its templates, as `amtool check-config` does. Returns all problems. */
export async function readAlertmanager(
  file: string,
  { host, files, features = "" }: Reading,
): Promise<ConfigVerdict<AlertmanagerConfig>> {
  const warnings: string[] = [];
  const refused = (...errors: string[]): ConfigVerdict<AlertmanagerConfig> => ({ config: undefined, errors, warnings });
  let text: string;
  try {
    text = await files.read(file);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return refused(error.line === 0 ? error.message : `${file}:${error.line}:1: ${error.message}`);
  }
  let config: AlertmanagerConfig | undefined;
  try {
    const { mode } = readFeatureFlags(features, () => undefined);
    const shape = configSection({ mode, warn: (message) => void warnings.push(`${file}: ${message}`) });
    const decoded = decodeYaml(text, file, shape, { environment: host.env });
    if (!decoded.ok) return refused(...decoded.problems.map(formatProblem));
    config = decoded.value;
    await readTemplates(config.templates, () => host.clock.now(), files);
    return { config, errors: [], warnings };
  } catch (error) {
    if (error instanceof CommandError) return { config, errors: [`${file}: templates: ${error.message}`], warnings };
    if (error instanceof FeatureFlagError) return refused(`--enable-feature: ${error.message}`);
    throw error;
  }
}
