import { posix } from "node:path";
import { type AlertmanagerConfig, configSection } from "@narthex/alertmanager-config";
import { buildRoute, type Route } from "@narthex/alerting";
import { type ConfigFiles, decodeYaml, diskFiles, formatProblem, glob, SourceError } from "@narthex/config";
import { Renderer } from "@narthex/receivers";
import { TemplateError } from "@narthex/template";
import { CommandError } from "../command-line/command.ts";
import { summaryOf } from "./config-summary.ts";
import { readInput, requireFiles } from "./input-file.ts";
import type { Session } from "./session.ts";

/** Result of reading a configuration: either the configuration, or a list of problems. */
export type ConfigReading =
  | { readonly ok: true; readonly config: AlertmanagerConfig }
  | { readonly ok: false; readonly problems: readonly string[]; readonly summary: string };

/** Decodes and checks an alertmanager.yml. Does not read its template files. */
export function readConfig(session: Session, text: string, file: string): ConfigReading {
  const shape = configSection({ mode: session.mode, warn: (message) => session.logger.warn(message) });
  const decoded = decodeYaml(text, file, shape, { environment: session.host.env });
  if (!decoded.ok) {
    return {
      ok: false,
      problems: decoded.problems.map(formatProblem),
      summary: summaryOf(decoded.problems, decoded.met),
    };
  }
  return { ok: true, config: decoded.value };
}

/** Parses the built-in templates, then the template files that the globs name. Throws CommandError. */
export async function readTemplates(
  patterns: readonly string[],
  now: () => number,
  files: ConfigFiles = diskFiles,
): Promise<Renderer> {
  // Reports `[` without a closing `]`, for which Go's glob function returns this error.
  if (patterns.some((pattern) => /\[[^\]]*$/.test(pattern))) throw new CommandError("syntax error in pattern");
  const paths = (await Promise.all(patterns.map((pattern) => glob(pattern, files)))).flat();
  try {
    const sources = paths.map(async (path) => ({ name: posix.basename(path), text: await files.read(path) }));
    return Renderer.load(await Promise.all(sources), now);
  } catch (error) {
    if (!(error instanceof TemplateError) && !(error instanceof SourceError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}

/** Reads the routing tree from --config.file, or from the Alertmanager. Throws CommandError. */
export async function readRoutes(session: Session, configFile: string): Promise<Route> {
  const url = session.settings["alertmanager.url"];
  if (configFile === "" && url === "") {
    throw new CommandError("You have to specify one of --config.file or --alertmanager.url flags.");
  }
  if (configFile !== "") {
    await requireFiles([configFile], diskFiles);
    if (url !== "") session.host.stderr("Warning: --config.file flag overrides the --alertmanager.url.\n");
    return routesOf(readConfig(session, await readInput(configFile, diskFiles), configFile));
  }
  const { config } = await (await session.client()).status();
  return routesOf(readConfig(session, config.original, url));
}

function routesOf(reading: ConfigReading): Route {
  if (!reading.ok) throw new CommandError(reading.summary);
  return buildRoute(reading.config.route);
}
