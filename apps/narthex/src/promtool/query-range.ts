import { parseGoDuration } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { callApi, exchange, jsonLine, queryFlags, seconds, serverOperand, timeFlag } from "./api-call.ts";
import { pairsFlag } from "./pairs-flag.ts";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE } from "./lint-settings.ts";
import { printResult, type QueryData } from "./query-result.ts";

const DEFAULT_RANGE_MS = 300_000;
/** Number of steps of a range if the user gives no step. */
const DEFAULT_STEPS = 250;

export const queryRange = promtoolCommand({
  name: "range",
  help: "Run range query.",
  flags: {
    ...queryFlags,
    header: pairsFlag({}, "Extra headers to send to server."),
    start: flagKinds.text("", "Query range start time (RFC3339 or Unix timestamp)."),
    end: flagKinds.text("", "Query range end time (RFC3339 or Unix timestamp)."),
    step: flagKinds.parsed(0, parseGoDuration, String, "Query step size (duration)."),
  },
  operands: [serverOperand, { name: "expr", required: true }],
  async run({ host, flags, operands: [server, expr] }) {
    const end = timeFlag(host, flags.end, "end", host.clock.now());
    const start = end === undefined ? undefined : timeFlag(host, flags.start, "start", end - DEFAULT_RANGE_MS);
    if (start === undefined || end === undefined) return EXIT_FAILURE;
    if (start >= end) {
      host.stderr("start time is not before end time\n");
      return EXIT_FAILURE;
    }
    const step = flags.step === 0 ? Math.max(1, Math.floor((end - start) / 1000 / DEFAULT_STEPS)) * 1000 : flags.step;
    const form = new URLSearchParams({
      query: expr!,
      start: seconds(start),
      end: seconds(end),
      step: seconds(step),
    });
    return exchange(host, server!, flags, async (api) => {
      const { data } = await callApi(api, "/api/v1/query_range", form, flags.header);
      return flags.format === "json" ? jsonLine((data as QueryData).result) : printResult(data as QueryData);
    });
  },
});
