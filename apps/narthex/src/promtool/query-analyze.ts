import { formatGoDuration, Labels, METRIC_NAME, parseGoDuration } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { classicStatistics, nativeStatistics, printStatistics, UnalignedError } from "./analyze/bucket-statistics.ts";
import { StatisticsSummary } from "./analyze/statistics-summary.ts";
import { callApi, queryFlags, QUERY_TIMEOUT_MS, seconds, timeFlag } from "./api-call.ts";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";
import { type QueryData, type Series, seriesName } from "./query-result.ts";
import { openServer, type Server, ServerError } from "./server-client.ts";

const HEADER = `Bucket stats for each histogram series over time
------------------------------------------------
First the min, avg, and max number of populated buckets, followed by the total
number of buckets (only if different from the max number of populated buckets
which is typical for classic but not native histograms).

`;
const FOOTER = `
Aggregated bucket stats
-----------------------
Each line shows min/avg/max over the series above.
`;

export const queryAnalyze = promtoolCommand({
  name: "analyze",
  required: ["server", "type", "match"],
  help: "Run queries against your Prometheus to analyze the usage pattern of certain metrics.",
  flags: {
    ...queryFlags,
    server: flagKinds.text("", "Prometheus server to query."),
    type: flagKinds.text("", "Type of metric: histogram."),
    duration: flagKinds.parsed(3_600_000, parseGoDuration, formatGoDuration, "Time frame to analyze."),
    time: flagKinds.text("", "Query time (RFC3339 or Unix timestamp), defaults to now."),
    match: flagKinds.list([], "Series selector. Can be specified multiple times."),
  },
  operands: [],
  async run({ host, flags }) {
    if (flags.type !== "histogram") {
      host.stderr(`analyze type is ${flags.type}, must be 'histogram'\n`);
      return EXIT_FAILURE;
    }
    const time = timeFlag(host, flags.time, "query", host.clock.now());
    if (time === undefined) return EXIT_FAILURE;
    try {
      await using server = await openServer(host, flags.server, flags["http.config.file"], QUERY_TIMEOUT_MS);
      host.stdout(HEADER);
      const native = new StatisticsSummary();
      const classic = new StatisticsSummary();
      for (const selector of flags.match) {
        const query = `${selector}[${formatGoDuration(flags.duration)}]`;
        for (const line of analyze(await querySamples(server, query, time), native, classic)) host.stdout(line);
      }
      host.stdout(FOOTER);
      if (native.count > 0) host.stdout(`\nNative ${native.toString()}\n`);
      if (classic.count > 0) host.stdout(`\nClassic ${classic.toString()}\n`);
      return EXIT_OK;
    } catch (error) {
      if (!(error instanceof ServerError || error instanceof UnalignedError)) throw error;
      host.stderr(`${error.message}\n`);
      return EXIT_FAILURE;
    }
  },
});

async function querySamples(server: Server, query: string, time: number): Promise<readonly Series[]> {
  const form = new URLSearchParams({ query, time: seconds(time) });
  const { resultType, result } = (await callApi(server, "/api/v1/query", form)).data as QueryData;
  if (resultType !== "matrix") throw new ServerError("query of buckets resulted in non-Matrix");
  return result as readonly Series[];
}

/** Yields a line for each histogram among the series, and adds its statistics to a summary. */
function* analyze(matrix: readonly Series[], native: StatisticsSummary, classic: StatisticsSummary): Generator<string> {
  const buckets = new Map<string, Series[]>();
  for (const series of matrix) {
    const { metric, values = [], histograms = [] } = series;
    if (values.length > 0) {
      if (metric["le"] === undefined || !(metric[METRIC_NAME] ?? "").endsWith("_bucket")) continue;
      const name = `${metric[METRIC_NAME]!}${Labels.of(metric).without(METRIC_NAME, "le").toString()}`;
      buckets.set(name, [...(buckets.get(name) ?? []), series]);
      continue;
    }
    const statistics = nativeStatistics(histograms);
    if (statistics === undefined) continue;
    yield `- ${seriesName(metric)} (native): ${printStatistics(statistics)}\n`;
    native.add(statistics);
  }
  for (const [name, series] of buckets) {
    const statistics = classicStatistics(series);
    if (statistics === undefined) continue;
    yield `- ${name} (classic): ${printStatistics(statistics)}\n`;
    classic.add(statistics);
  }
}
