import { flagKinds } from "@narthex/runtime";
import { callApi, exchange, jsonLine, queryFlags, seconds, serverOperand, timeFlag } from "./api-call.ts";
import { pairsFlag } from "./pairs-flag.ts";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE } from "./lint-settings.ts";
import { printResult, type QueryData } from "./query-result.ts";

export const queryInstant = promtoolCommand({
  name: "instant",
  help: "Run instant query.",
  flags: {
    ...queryFlags,
    time: flagKinds.text("", "Query evaluation time (RFC3339 or Unix timestamp)."),
    header: pairsFlag({}, "Extra headers to send to server."),
  },
  operands: [serverOperand, { name: "expr", required: true }],
  async run({ host, flags, operands: [server, expr] }) {
    const time = timeFlag(host, flags.time, "evaluation", host.clock.now());
    if (time === undefined) return EXIT_FAILURE;
    const form = new URLSearchParams({ query: expr!, time: seconds(time) });
    return exchange(host, server!, flags, async (api) => {
      const { data } = await callApi(api, "/api/v1/query", form, flags.header);
      return flags.format === "json" ? jsonLine((data as QueryData).result) : printResult(data as QueryData);
    });
  },
});
