import { parseInterval } from "@narthex/dashboards";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { openServer, type Server, ServerError } from "../promtool/server-client.ts";
import { type Finding, findingJson, findingText, type Problem } from "./check/finding.ts";
import { checkKinds } from "./check/known-kinds.ts";
import { checkStatements } from "./check/statements.ts";
import { KnownSeries, MAX_REQUESTS } from "./check/known-series.ts";
import { panelQueries } from "./check/panel-queries.ts";
import { checkUnit } from "./check/panel-unit.ts";
import { checkRateWindow } from "./check/rate-window.ts";
import { checkCost, checkSeries } from "./check/server-checks.ts";
import { DashboardFile, DashboardFileError } from "./dashboard-file.ts";
import type { ToolContext } from "./tool-context.ts";

const DEFAULT_SCRAPE_MS = 15_000;
const TIMEOUT_MS = 30_000;

const flags = {
  server: flagKinds.text(
    "",
    "URL of a server with the metrics: reports metrics and labels that the server does not have, and uses its units and scrape intervals.",
  ),
  "http.config.file": flagKinds.text("", "HTTP client configuration file to connect to the server."),
  "scrape-interval": flagKinds.text(
    "",
    "Scrape interval for the check of rate windows. Default: the server's most frequent one, otherwise 15s.",
  ),
  "max-series": flagKinds.integer(
    5000,
    "Maximum number of series that the queries of a panel may read; needs a server.",
  ),
  format: flagKinds.choice("text", ["text", "json"], "Output format of findings."),
  strict: flagKinds.flag(false, "Fail on warnings as well."),
};

interface Settings {
  readonly scrapeMs: number;
  readonly maxSeries: number;
  readonly series: KnownSeries | undefined;
}

/**
 * Matches a path of a parsed dashboard, such as `panels[2].panels[0].title`. The groups are the panel's indexes and the
 * path within the panel.
 */
const PANEL_PATH = /^panels\[(\d+)\](?:\.panels\[(\d+)\])?\.?(.*)$/;

async function checkFile(cwd: string, name: string, settings: Settings): Promise<Finding[]> {
  let file: DashboardFile;
  try {
    file = DashboardFile.read(cwd, name);
  } catch (error) {
    if (!(error instanceof DashboardFileError)) throw error;
    return [{ file: name, ...error.location, severity: "error", check: "json", message: error.message, path: "" }];
  }
  const { dashboard, problems } = await file.dashboard();
  const findings: Finding[] = [];
  const report = (problem: Problem): void =>
    void findings.push({ file: name, ...problem, ...file.placeOf(problem.path, problem.panel?.id) });
  for (const { path, message } of problems) {
    const [, outer, inner, rest] = PANEL_PATH.exec(path) ?? [];
    const top = outer === undefined ? undefined : dashboard.panels[Number(outer)];
    const panel = inner === undefined ? top : top?.panels[Number(inner)];
    report({
      severity: "warning",
      check: "read",
      message,
      ...(panel === undefined ? { path } : { panel, path: rest! }),
    });
  }
  checkKinds(dashboard, report);
  checkStatements(dashboard, report);
  const { series, scrapeMs } = settings;
  const queries = panelQueries(dashboard, scrapeMs, report);
  for (const query of queries) {
    checkRateWindow(query, scrapeMs, report);
    checkUnit(query, (metric) => series?.metadataOf(metric), report);
    if (series !== undefined) await checkSeries(query, series, report);
  }
  if (series !== undefined) await checkCost(queries, series, settings.maxSeries, report);
  return findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function durationFlag(text: string): number | undefined {
  if (text === "") return undefined;
  const duration = parseInterval(text);
  if (duration === undefined || duration <= 0)
    throw new CommandError(`--scrape-interval is a duration such as 15s, not "${text}"`);
  return duration;
}

export const check = defineCommand<ToolContext, typeof flags>({
  name: "check",
  help: "Check dashboards for unreadable parts, queries that do not parse, too short windows of rates, and units that contradict metrics. With a server, also for unknown metrics and labels, and panels that read too much.",
  operands: "<files>...",
  flags,
  async run({ values, operands }, { host }) {
    if (operands.length === 0) throw new CommandError("name the files to check; - is standard input");
    const scrapeMs = durationFlag(values["scrape-interval"]);
    let server: Server | undefined;
    try {
      if (values.server !== "") server = await openServer(host, values.server, values["http.config.file"], TIMEOUT_MS);
      const series = server === undefined ? undefined : await KnownSeries.of(server, parseInterval);
      const settings: Settings = {
        scrapeMs: scrapeMs ?? series?.scrapeMs ?? DEFAULT_SCRAPE_MS,
        maxSeries: values["max-series"],
        series,
      };
      const findings: Finding[] = [];
      for (const name of operands) findings.push(...(await checkFile(host.cwd, name, settings)));
      if (series?.isExhausted === true)
        host.stderr(
          `the limit of ${MAX_REQUESTS} requests to the server was reached: labels and numbers of series were not checked for the other queries; check fewer files at once\n`,
        );
      const errors = findings.filter(({ severity }) => severity === "error").length;
      if (values.format === "json") host.stdout(`${JSON.stringify(findings.map(findingJson), null, 2)}\n`);
      else {
        for (const finding of findings) host.stdout(`${findingText(finding)}\n`);
        const files = operands.length === 1 ? "1 file" : `${operands.length} files`;
        host.stdout(`${files} checked, errors: ${errors}, warnings: ${findings.length - errors}\n`);
      }
      return errors > 0 || (values.strict && findings.length > 0) ? 1 : 0;
    } catch (error) {
      if (error instanceof ServerError)
        throw new CommandError(`the server does not answer: ${error.message}`, { cause: error });
      throw error;
    } finally {
      await server?.[Symbol.asyncDispose]();
    }
  },
});
