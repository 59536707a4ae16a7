import { count, flag, query, required, text, time, type ToolArguments, type ToolParameters } from "./arguments.ts";
import { dataOf, type Tool, ToolError } from "./tool.ts";

/** Maximum number of series of a query's result, and of entries of a listing. */
const MAX_SERIES = 100;
const MAX_ENTRIES = 1000;
/** Time limit of a query. */
const TIMEOUT = "20s";

const selector = text('A selector of series, such as up{job="api"}.', 2000);
const limit = count("Maximum number of entries of the answer.", MAX_ENTRIES);
const range: ToolParameters = {
  start: time("Start of the range. Default: the last hours."),
  end: time("End of the range. Default: now."),
};

/** A tool that is one request to a route of the API. */
interface ApiTool {
  readonly name: string;
  readonly about: string;
  readonly path: string | ((args: ToolArguments) => string);
  readonly parameters: ToolParameters;
  /** Names of the API's parameters that differ from the tool's. */
  readonly names?: Readonly<Record<string, string>>;
  /** Parameters that each request has, unless an argument sets them. */
  readonly fixed?: Readonly<Record<string, string>>;
}

const TABLE: readonly ApiTool[] = [
  {
    name: "query",
    about: "Evaluates a PromQL expression at one time. At most 100 series are returned.",
    path: "/query",
    parameters: {
      query: required(query("The PromQL expression.")),
      time: time("Time of the evaluation. Default: now."),
    },
    fixed: { limit: String(MAX_SERIES), timeout: TIMEOUT },
  },
  {
    name: "series",
    about: "Lists the label sets of series that match a selector.",
    path: "/series",
    parameters: { selector: required(selector), ...range, limit },
    names: { selector: "match[]" },
    fixed: { limit: "100" },
  },
  {
    name: "label_names",
    about: "Lists the names of labels, of all series or of those that match a selector.",
    path: "/labels",
    parameters: { selector, ...range, limit },
    names: { selector: "match[]" },
    fixed: { limit: String(MAX_ENTRIES) },
  },
  {
    name: "label_values",
    about: "Lists the values of a label. The label __name__ has the names of metrics as values.",
    path: (args) => `/label/${labelInPath(args.text("label") ?? "")}/values`,
    parameters: { label: required(text("Name of the label.", 200)), selector, ...range, limit },
    names: { selector: "match[]", label: "" },
    fixed: { limit: String(MAX_ENTRIES) },
  },
  {
    name: "metric_metadata",
    about: "Returns type, unit and help of metrics, of one metric or of all.",
    path: "/metadata",
    parameters: { metric: text("Name of the metric.", 500), limit },
    fixed: { limit: "200" },
  },
  {
    name: "explain_query",
    about: "Returns how a PromQL expression is evaluated, operator by operator, without evaluating it.",
    path: "/narthex/explain",
    parameters: { query: required(query("The PromQL expression.")) },
    fixed: { timeout: TIMEOUT },
  },
  {
    name: "why_is_result_empty",
    about: "Evaluates a PromQL expression, and returns the cost of each operator and the reason for an empty result.",
    path: "/narthex/explain",
    parameters: {
      query: required(query("The PromQL expression.")),
      time: time("Time of the evaluation. Default: now."),
    },
    fixed: { analyze: "true", timeout: TIMEOUT },
  },
  {
    name: "alerts",
    about: "Lists the pending and firing alerts of this server's rules.",
    path: "/alerts",
    parameters: {},
  },
  {
    name: "rules",
    about: "Lists alerting and recording rules with their states, health and evaluation times.",
    path: "/rules",
    parameters: {
      type: text("Only rules of this type: alert or record.", 10),
      rule_name: text("Only rules with this name.", 500),
      rule_group: text("Only rules of this group.", 500),
      without_alerts: flag("Whether active alerts are left out."),
      group_limit: count("Maximum number of groups.", 200),
    },
    names: { rule_name: "rule_name[]", rule_group: "rule_group[]", without_alerts: "exclude_alerts" },
    fixed: { group_limit: "50" },
  },
  {
    name: "objectives",
    about: "Lists service level objectives with the budget that is left, burn rates and alerts.",
    path: "/narthex/slos",
    parameters: {
      id: text("Only the objective with this id.", 500),
      limit: count("Maximum number of objectives.", 100),
    },
    fixed: { limit: "50" },
  },
  {
    name: "targets",
    about: "Lists scrape targets with their health and last errors.",
    path: "/targets",
    parameters: {
      state: text("active, dropped or any.", 10),
      scrape_pool: text("Only targets of this scrape pool.", 500),
    },
    names: { scrape_pool: "scrapePool" },
    fixed: { state: "active" },
  },
  {
    name: "alertmanagers",
    about: "Lists the Alertmanagers to which this server sends alerts.",
    path: "/alertmanagers",
    parameters: {},
  },
];

/** Returns the name of a label for a path. Throws ToolError for a name that would change the path. */
function labelInPath(label: string): string {
  if (label.includes("/") || /^\.*$/.test(label)) throw new ToolError(`invalid label name: ${JSON.stringify(label)}`);
  return encodeURIComponent(label);
}

function parametersOf({ names = {}, fixed = {} }: ApiTool, args: ToolArguments): URLSearchParams {
  const values = new URLSearchParams(fixed);
  for (const [name, value] of args.parameters) {
    const own = Object.hasOwn(names, name) ? names[name]! : name;
    if (own !== "") values.set(own, value);
  }
  return values;
}

const toolOf = (row: ApiTool): Tool => ({
  name: row.name,
  about: row.about,
  parameters: row.parameters,
  run: async (args, { api }) =>
    dataOf(await api(typeof row.path === "string" ? row.path : row.path(args), parametersOf(row, args))),
});

/** The tools that are one request to this server. To add one, add a row to the table. */
export const apiTools: readonly Tool[] = TABLE.map(toolOf);
