import { posix } from "node:path";
import { type AlertmanagerConfig, configSection } from "@narthex/alertmanager-config";
import {
  type ConfigFiles,
  decodeYaml,
  type Environment,
  formatProblem,
  glob,
  type PrintableMap,
  type Section,
  SourceError,
} from "@narthex/config";
import type { MatcherMode } from "@narthex/alerting";
import { Renderer } from "@narthex/receivers";
import { TemplateError } from "@narthex/template";

/** A configuration file whose templates were parsed, ready for use. */
export interface LoadedFile {
  readonly config: AlertmanagerConfig;
  readonly renderer: Renderer;
  readonly text: string;
  /** The configuration for printing, with default values and without secrets. */
  readonly printed: PrintableMap;
  readonly warnings: readonly string[];
}

/** A loaded file, or its problems, one line for each. */
export type LoadOutcome =
  | { readonly ok: true; readonly loaded: LoadedFile }
  | { readonly ok: false; readonly problems: readonly string[] };

/** How a configuration is read. */
export interface LoadOptions {
  readonly files: ConfigFiles;
  readonly mode: MatcherMode;
  readonly now: () => number;
  /** Environment variables for `!env NAME`. */
  readonly environment?: Environment;
}

/** Checks a text as if it was the content of the configuration file. */
export const loadText = (file: string, text: string, options: LoadOptions): Promise<LoadOutcome> =>
  loadConfig(file, {
    ...options,
    files: { ...options.files, read: async (path) => (path === file ? text : options.files.read(path)) },
  });

/** Reads and checks the configuration file and the template files that it names. */
export async function loadConfig(file: string, options: LoadOptions): Promise<LoadOutcome> {
  const warnings: string[] = [];
  const reading = { mode: options.mode, warn: (message: string) => void warnings.push(message) };
  const shape: Section<AlertmanagerConfig> = configSection(reading);
  try {
    const text = await options.files.read(file);
    const decoded = decodeYaml(text, file, shape, { environment: options.environment ?? {} });
    if (!decoded.ok) return { ok: false, problems: decoded.problems.map(formatProblem) };
    const config = decoded.value;
    const templates = await readTemplates(config.templates, options.files);
    const renderer = Renderer.load(templates, options.now);
    if (config.tracing !== null) warnings.push("tracing is accepted, but this build records no traces");
    return { ok: true, loaded: { config, renderer, text, printed: shape.encode(config) as PrintableMap, warnings } };
  } catch (error) {
    if (error instanceof SourceError || error instanceof TemplateError) return { ok: false, problems: [error.message] };
    throw error;
  }
}

async function readTemplates(
  patterns: readonly string[],
  files: ConfigFiles,
): Promise<{ name: string; text: string }[]> {
  const paths = (await Promise.all(patterns.map((pattern) => glob(pattern, files)))).flat();
  return Promise.all(paths.map(async (path) => ({ name: posix.basename(path), text: await files.read(path) })));
}
