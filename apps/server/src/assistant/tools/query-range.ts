import { parseTime } from "@narthex/http";
import { count, query, required, time } from "./arguments.ts";
import { dataOf, type Tool, ToolError } from "./tool.ts";

const HOUR = 3600;
/** Largest number of points of a series, and of series of a result. */
const MAX_POINTS = 500;
const DEFAULT_POINTS = 60;
const MAX_SERIES = 50;

/** Evaluates an expression over a range, with a number of points that an assistant can read. */
export const queryRange: Tool = {
  name: "query_range",
  about: "Evaluates a PromQL expression over a time range. At most 50 series and 500 points of each are returned.",
  parameters: {
    query: required(query("The PromQL expression.")),
    start: time("Start of the range. Default: one hour before the end."),
    end: time("End of the range. Default: now."),
    points: count(`Number of points of each series, ${DEFAULT_POINTS} by default.`, MAX_POINTS),
  },
  async run(args, { api, now }) {
    const end = secondsOf("end", args.text("end")) ?? now() / 1000;
    const start = secondsOf("start", args.text("start")) ?? end - HOUR;
    if (start >= end) throw new ToolError("the start of the range is not before its end");
    const points = args.number("points") ?? DEFAULT_POINTS;
    const step = Math.max(1, Math.ceil((end - start) / points));
    const range = { start: String(start), end: String(end), step: String(step) };
    const fixed = { query: args.text("query") ?? "", limit: String(MAX_SERIES), timeout: "20s" };
    return dataOf(await api("/query_range", new URLSearchParams({ ...fixed, ...range })));
  },
};

function secondsOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = parseTime(value);
  if (ms === undefined)
    throw new ToolError(`the argument ${name} is not a time; write for example 2026-11-01T00:00:00Z`);
  return ms / 1000;
}
