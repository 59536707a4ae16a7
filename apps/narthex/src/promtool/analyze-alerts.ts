import {
  type ExaminedRule,
  FIRING_SELECTOR,
  type FiringSamples,
  type QualityReport,
  reportQuality,
} from "@narthex/alert-quality";
import { formatDuration, Labels } from "@narthex/model";
import { flagKinds, type Host, TimeSlice } from "@narthex/runtime";
import { callApi, QUERY_TIMEOUT_MS, seconds } from "./api-call.ts";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";
import { openServer, type Server, ServerError } from "./server-client.ts";

const DAY_MS = 86_400_000;
const MAX_DAYS = 366;

export const analyzeAlerts = promtoolCommand({
  name: "alerts",
  help: "Report how often and how long the alerts of each rule of a server have fired: flapping, short, always firing, never fired. (Narthex only.)",
  flags: {
    url: flagKinds.text("http://localhost:9090", "The URL of the server, Prometheus or Narthex."),
    "http.config.file": flagKinds.text("", "HTTP client configuration file for promtool to connect to the server."),
    "alertmanager.url": flagKinds.text(
      "",
      "The URL of an Alertmanager of Narthex, for the shares of silenced and acknowledged firings in its history.",
    ),
    days: flagKinds.integer(30, "Number of days that are examined."),
    format: flagKinds.choice("text", ["text", "json"], "Format of the report (text or json)."),
  },
  operands: [],
  async run({ host, flags }) {
    if (!(flags.days >= 1 && flags.days <= MAX_DAYS)) {
      host.stderr(`--days must be from 1 to ${MAX_DAYS}\n`);
      return EXIT_FAILURE;
    }
    try {
      await using server = await openServer(host, flags.url, flags["http.config.file"], QUERY_TIMEOUT_MS);
      const endMs = Math.floor(host.clock.now());
      const range = { startMs: endMs - flags.days * DAY_MS, endMs };
      const read = async (end: number, length: number): Promise<readonly FiringSamples[]> => {
        const query = new URLSearchParams({ query: `${FIRING_SELECTOR}[${length}ms]`, time: seconds(end) });
        const { result } = (await callApi(server, "/api/v1/query", query)).data as {
          readonly result: readonly Sampled[];
        };
        return result.map(({ metric, values = [] }) => ({
          labels: Labels.of(metric),
          times: values.map(([time]) => time * 1000),
        }));
      };
      const report = await reportQuality(await rulesOf(server), range, read, new TimeSlice(host.clock));
      const handling = await handlingOf(host, flags);
      const whole = handling === undefined ? report : { ...report, handling };
      host.stdout(
        flags.format === "json" ? `${JSON.stringify(whole, null, 2)}\n` : reportText(report, flags.days, handling),
      );
      return EXIT_OK;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      host.stderr(`${error.message}\n`);
      return EXIT_FAILURE;
    }
  },
});

/** How the alerts with one name were handled, from the history of an Alertmanager. */
interface Handling {
  readonly alertname: string;
  readonly firings: number;
  readonly silenced: number;
  readonly acknowledged: number;
}

async function handlingOf(
  host: Host,
  flags: { readonly "alertmanager.url": string; readonly "http.config.file": string },
): Promise<readonly Handling[] | undefined> {
  if (flags["alertmanager.url"] === "") return undefined;
  await using server = await openServer(host, flags["alertmanager.url"], flags["http.config.file"], QUERY_TIMEOUT_MS);
  const { status, body } = await server.get("/api/v2/narthex/alert-handling");
  if (status !== 200)
    throw new ServerError(
      `${server.base} has no history of alerts (status ${status}): --alertmanager.url must be an Alertmanager of Narthex`,
    );
  return JSON.parse(body) as readonly Handling[];
}

interface Sampled {
  readonly metric: Record<string, string>;
  readonly values?: readonly (readonly [number, string])[];
}

interface AnsweredGroup {
  readonly name: string;
  readonly file: string;
  readonly interval: number;
  readonly rules: readonly { readonly name: string; readonly type: string; readonly labels?: Record<string, string> }[];
}

async function rulesOf(server: Server): Promise<readonly ExaminedRule[]> {
  const answer = await server.get("/api/v1/rules?type=alert&exclude_alerts=true");
  let groups: readonly AnsweredGroup[] | undefined;
  try {
    groups = (JSON.parse(answer.body) as { readonly data?: { readonly groups?: readonly AnsweredGroup[] } }).data
      ?.groups;
  } catch (cause) {
    throw new ServerError(`${server.base} did not answer with rules: status ${answer.status}`, { cause });
  }
  if (groups === undefined) throw new ServerError(`${server.base} did not answer with rules: status ${answer.status}`);
  return groups.flatMap(({ file, name: group, interval, rules }) =>
    rules
      .filter(({ type }) => type === "alerting")
      .map(({ name, labels = {} }) => ({
        file,
        group,
        name,
        labels: new Map(Object.entries(labels)),
        intervalMs: interval * 1000,
      })),
  );
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;

/** Returns the report as a table, the most frequent rules first. */
function reportText(
  { rules, unknownFirings, omittedFirings }: QualityReport,
  days: number,
  handling: readonly Handling[] | undefined,
): string {
  const handled = new Map(handling?.map((one) => [one.alertname, one]));
  const shares = (name: string): readonly string[] => {
    const one = handled.get(name);
    if (handling === undefined) return [];
    return one === undefined
      ? ["", ""]
      : [percent(one.silenced / one.firings), percent(one.acknowledged / one.firings)];
  };
  const more = handling === undefined ? [] : ["Silenced", "Acknowledged"];
  const head = ["A week", "Alerts", "Short", "Flaps", "Median", "Firing", ...more, "Rule", "Look at"];
  const rows = rules
    .toSorted((a, b) => b.firingsPerWeek - a.firingsPerWeek)
    .map((rule) => [
      rule.firingsPerWeek.toFixed(1),
      String(rule.labelSets),
      rule.firings === 0 ? "" : percent(rule.shortShare),
      String(rule.flaps),
      rule.firings === 0 ? "" : formatDuration(Math.round(rule.medianMs / 1000) * 1000),
      percent(rule.firingShare),
      ...shares(rule.name),
      `${rule.group}/${rule.name}`,
      rule.verdicts.join(", "),
    ]);
  const widths = head.map((name, i) => rows.reduce((width, row) => Math.max(width, row[i]!.length), name.length));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  const notes = [
    `${rules.length} alerting rules in ${days} days. Short: share of firings below 5 minutes.`,
    ...(handling === undefined ? [] : ["Silenced, acknowledged: shares of the firings in the Alertmanager's history."]),
    ...(unknownFirings > 0 ? [`${unknownFirings} firings belong to alerts without a rule.`] : []),
    ...(omittedFirings > 0 ? [`${omittedFirings} firings are beyond the limit, and are not counted.`] : []),
  ];
  return `${[line(head), ...rows.map(line), ...notes].join("\n")}\n`;
}
