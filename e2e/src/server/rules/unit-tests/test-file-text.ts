import type { Scenario } from "./scenarios.ts";

/** The results of a scenario: for each question about alerts and for each expression. */
export interface Results {
  readonly alerts: readonly (readonly ExpectedAlert[])[];
  readonly samples: readonly (readonly ExpectedSample[])[];
}

interface ExpectedAlert {
  readonly exp_labels: Readonly<Record<string, string>>;
  readonly exp_annotations: Readonly<Record<string, string>>;
}

interface ExpectedSample {
  readonly labels: string;
  /** A number in YAML. */
  readonly value?: string;
  readonly histogram?: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Returns a file for `promtool test rules`. Without `expected`, the test expects that nothing is returned. */
export function testFileText(scenario: Scenario, rulesFile: string, expected?: Results): string {
  const [name, options, , series, alerts, expressions] = scenario;
  const { interval = "1m", evaluationInterval = "1m", order, fuzzy, externalLabels, externalUrl } = options;
  return [
    `rule_files: [${rulesFile}]`,
    `evaluation_interval: ${evaluationInterval}`,
    ...(order === undefined ? [] : [`group_eval_order: [${order.join()}]`]),
    ...(fuzzy === true ? ["fuzzy_compare: true"] : []),
    "tests:",
    `- name: ${quoted(name)}`,
    `  interval: ${interval}`,
    ...(externalLabels === undefined ? [] : [`  external_labels: ${JSON.stringify(externalLabels)}`]),
    ...(externalUrl === undefined ? [] : [`  external_url: ${externalUrl}`]),
    "  input_series:",
    ...series.map(([one, values]) => `  - {series: ${quoted(one)}, values: ${quoted(values)}}`),
    "  alert_rule_test:",
    ...alerts.map(([time, alertname], i) => {
      const wanted = JSON.stringify(expected?.alerts[i] ?? []);
      return `  - {eval_time: ${time}, alertname: ${alertname}, exp_alerts: ${wanted}}`;
    }),
    "  promql_expr_test:",
    ...expressions.map(([expr, time], i) => {
      const wanted = JSON.stringify(expected?.samples[i] ?? []).replaceAll(/"value":"([^"]*)"/g, '"value": $1');
      return `  - {expr: ${quoted(expr)}, eval_time: ${time}, exp_samples: ${wanted}}`;
    }),
    "",
  ].join("\n");
}

/**
 * Reads the results of a scenario from what promtool prints for its test without expected results. Questions whose
 * result is empty are not printed.
 */
export function readResults(scenario: Scenario, printed: string): Results {
  const [, , , , alerts, expressions] = scenario;
  const left = printed.split(/(?=^ {4}(?:name|expr): )/m);
  const take = (begin: string): string | undefined => {
    const index = left.findIndex((part) => part.replaceAll(/\s+/g, " ").includes(begin));
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  return {
    alerts: alerts.map(([time, alertname]) => readAlerts(take(`alertname: ${alertname}, time: ${time}, `) ?? "")),
    samples: expressions.map(([expr, time]) =>
      readSamples(take(`expr: ${JSON.stringify(expr)}, time: ${time === "0m" ? "0s" : time},`) ?? ""),
    ),
  };
}

const readAlerts = (part: string): ExpectedAlert[] =>
  [...part.matchAll(/Labels:(.*)\n\s*Annotations:(.*)/g)].map(([, labels, annotations]) => ({
    exp_labels: pairsOf(labels!),
    exp_annotations: pairsOf(annotations!),
  }));

function readSamples(part: string): ExpectedSample[] {
  const got = part.split("\n").find((line) => line.includes(" got: ")) ?? "";
  const samples = got.slice(got.indexOf("got: ") + 5);
  const pattern = /(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}) (\{\{.*?\}\}|[^\s,]+)(?:, |$)/g;
  return [...samples.matchAll(pattern)].map(([, labels, value]) =>
    value!.startsWith("{{")
      ? { labels: labels!, histogram: value! }
      : { labels: labels!, value: value!.replace("+Inf", ".Inf").replace("-Inf", "-.Inf") },
  );
}

/** Reads labels as `{a="b", c="d"}`. */
const pairsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([\w.]+)=("(?:[^"\\]|\\.)*")/g)].map(([, name, value]) => [name!, JSON.parse(value!) as string]),
  );
