import { Labels } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { callApi, exchange, jsonLine, queryFlags, seconds, serverOperand, timeFlag } from "./api-call.ts";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE } from "./lint-settings.ts";

/**
 * Half of the length of promtool's default time range, ms. The range begins 9,999 hours before the current time and
 * ends 9,999 hours after it.
 */
const FAR_MS = 9999 * 3_600_000;

const timeFlags = {
  start: flagKinds.text("", "Start time (RFC3339 or Unix timestamp)."),
  end: flagKinds.text("", "End time (RFC3339 or Unix timestamp)."),
  match: flagKinds.list([], "Series selector. Can be specified multiple times."),
};

/**
 * Returns start, end and matchers as parameters for the API. If one is invalid, prints the error and returns undefined.
 */
function rangeForm(
  host: Parameters<typeof timeFlag>[0],
  flags: { readonly start: string; readonly end: string; readonly match: readonly string[] },
): URLSearchParams | undefined {
  const now = host.clock.now();
  const start = timeFlag(host, flags.start, "start", now - FAR_MS);
  const end = timeFlag(host, flags.end, "end", now + FAR_MS);
  if (start === undefined || end === undefined) return undefined;
  const form = new URLSearchParams({ start: seconds(start), end: seconds(end) });
  for (const selector of flags.match) form.append("match[]", selector);
  return form;
}

export const querySeries = promtoolCommand({
  name: "series",
  required: ["match"],
  help: "Run series query.",
  flags: { ...queryFlags, ...timeFlags },
  operands: [serverOperand],
  async run({ host, flags, operands: [server] }) {
    const form = rangeForm(host, flags);
    if (form === undefined) return EXIT_FAILURE;
    return exchange(host, server!, flags, async (api) => {
      const data = (await callApi(api, "/api/v1/series", form)).data as readonly Record<string, string>[];
      if (flags.format === "json") return jsonLine(data);
      return data.map((series) => `${Labels.of(series).toString()}\n`).join("");
    });
  },
});

export const queryLabels = promtoolCommand({
  name: "labels",
  help: "Run labels query.",
  flags: { ...queryFlags, ...timeFlags },
  operands: [serverOperand, { name: "name", required: true }],
  async run({ host, flags, operands: [server, name] }) {
    const form = rangeForm(host, flags);
    if (form === undefined) return EXIT_FAILURE;
    return exchange(host, server!, flags, async (api) => {
      const path = `/api/v1/label/${encodeURIComponent(name!)}/values?${form.toString()}`;
      const { data, warnings } = await getApi(api, path);
      for (const warning of warnings) host.stderr(`query warning: ${warning}\n`);
      if (flags.format === "json") return jsonLine(data);
      return (data as readonly string[]).map((value) => `${value}\n`).join("");
    });
  },
});

/** Sends a GET request, which the endpoint for label values requires. */
const getApi = (api: Parameters<typeof callApi>[0], path: string): ReturnType<typeof callApi> =>
  callApi({ ...api, post: (target) => api.get(target) }, path, new URLSearchParams());
