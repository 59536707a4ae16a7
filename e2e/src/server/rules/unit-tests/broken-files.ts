/** A test file that cannot be run, or whose rules cannot be evaluated: what is wrong, the test file and its rules. */
export type BrokenFile = readonly [what: string, test: string, rules: string];

const RULES = "groups:\n- name: g\n  rules:\n  - {record: r, expr: m}\n";
const SERIES = "  input_series: [{series: m, values: 1x3}]\n";

const ofTest = (test: string): string => `rule_files: [RULES]\ntests:\n- interval: 1m\n${SERIES}${test}`;
const ofRules = (rules: string): string => `groups:\n- name: g\n  rules:\n${rules}`;
const GOOD = ofTest("  promql_expr_test: [{expr: r, eval_time: 1m, exp_samples: [{labels: r, value: 1}]}]\n");
const askAlert = ofTest("  alert_rule_test: [{eval_time: 1m, alertname: A, exp_alerts: []}]\n");

export const brokenFiles: readonly BrokenFile[] = [
  ["a test file that is no YAML", "rule_files: [RULES\ntests:\n", RULES],
  ["an unknown field of the file", `rule_file: [RULES]\n${GOOD}`, RULES],
  ["an unknown field of a test", ofTest("  expr_test: []\n"), RULES],
  ["an unknown field of an expression", ofTest("  promql_expr_test: [{expr: r, time: 1m}]\n"), RULES],
  ["an unknown field of an alert", ofTest("  alert_rule_test: [{alert: A}]\n"), RULES],
  ["a wrong duration", "rule_files: [RULES]\nevaluation_interval: 1x\ntests: []\n", RULES],
  ["a wrong interval", ofTest("").replace("interval: 1m", "interval: fast"), RULES],
  ["a wrong time of evaluation", ofTest("  promql_expr_test: [{expr: r, eval_time: soon}]\n"), RULES],
  ["no name of an alert", ofTest("  alert_rule_test: [{eval_time: 1m, exp_alerts: []}]\n"), RULES],
  ["no name of an alert in a test with a name", ofTest("  name: T\n  alert_rule_test: [{eval_time: 1m}]\n"), RULES],
  ["a series that cannot be parsed", ofTest("").replace("series: m,", "series: 'm{',"), RULES],
  ["values that cannot be parsed", ofTest("").replace("1x3", "1xx3"), RULES],
  ["values with a wrong step", ofTest("").replace("1x3", "1+ax3"), RULES],
  ["a histogram that cannot be parsed", ofTest("").replace("1x3", "'{{schema:x}}'"), RULES],
  ["an expression that cannot be parsed", ofTest("  promql_expr_test: [{expr: 'sum(', eval_time: 1m}]\n"), RULES],
  [
    "an expected series that cannot be parsed",
    ofTest("  promql_expr_test: [{expr: r, eval_time: 1m, exp_samples: [{labels: 'r{', value: 1}]}]\n"),
    RULES,
  ],
  [
    "an expected histogram that cannot be parsed",
    ofTest("  promql_expr_test: [{expr: r, eval_time: 1m, exp_samples: [{labels: r, histogram: '{{x}}'}]}]\n"),
    RULES,
  ],
  ["an expression with a range as its result", ofTest("  promql_expr_test: [{expr: 'm[5m]', eval_time: 1m}]\n"), RULES],
  [
    "an expression that fails",
    ofTest("  promql_expr_test: [{expr: 'm * on () m', eval_time: 1m}]\n").replace(
      "[{series: m, values: 1x3}]",
      "[{series: 'm{i=\"1\"}', values: 1x3}, {series: 'm{i=\"2\"}', values: 1x3}]",
    ),
    RULES,
  ],
  ["a group that is named twice in the order", `group_eval_order: [g, g]\n${GOOD}`, RULES],
  ["rules that are no YAML", GOOD, "groups: [\n"],
  ["an unknown field of a rule", GOOD, ofRules("  - {record: r, expr: m, fro: 1m}\n")],
  ["an unknown field of a group", GOOD, `${RULES}  intervall: 1m\n`],
  ["a group without a name", GOOD, "groups:\n- rules:\n  - {record: r, expr: m}\n"],
  ["two groups of one name", GOOD, `${RULES}${RULES.replace("groups:\n", "")}`],
  ["a rule that records and alerts", GOOD, ofRules("  - {record: r, alert: A, expr: m}\n")],
  ["a rule without a name", GOOD, ofRules("  - {expr: m}\n")],
  ["a rule without an expression", GOOD, ofRules("  - {record: r}\n")],
  ["a rule whose expression cannot be parsed", GOOD, ofRules("  - {record: r, expr: 'sum(m'}\n")],
  ["a recording rule with annotations", GOOD, ofRules("  - {record: r, expr: m, annotations: {a: b}}\n")],
  ["a recording rule with for", GOOD, ofRules("  - {record: r, expr: m, for: 1m}\n")],
  ["a name of a series in braces", GOOD, ofRules("  - {record: 'r{a=\"b\"}', expr: m}\n")],
  ["the label __name__", GOOD, ofRules("  - {record: r, expr: m, labels: {__name__: x}}\n")],
  ["a template that cannot be parsed", GOOD, ofRules("  - {alert: A, expr: m, annotations: {a: '{{ $value'}}\n")],
  [
    "a template with an unknown function",
    GOOD,
    ofRules("  - {alert: A, expr: m, annotations: {a: '{{ nofunc 1 }}'}}\n"),
  ],
  ["a duration that cannot be parsed", GOOD, ofRules("  - {alert: A, expr: m, for: 1}\n")],
  [
    "a rule whose results have equal labels",
    GOOD.replace(
      "[{series: m, values: 1x3}]",
      "[{series: 'm{i=\"1\"}', values: 1x3}, {series: 'm{i=\"2\"}', values: 1x3}]",
    ),
    ofRules("  - {record: r, expr: m, labels: {i: ''}}\n"),
  ],
  [
    "an alert whose results have equal labels",
    askAlert.replace(
      "[{series: m, values: 1x3}]",
      "[{series: 'm{i=\"1\"}', values: 1x3}, {series: 'm{i=\"2\"}', values: 1x3}]",
    ),
    ofRules("  - {alert: A, expr: m, labels: {i: same}}\n"),
  ],
  [
    "more results than the limit",
    GOOD.replace(
      "[{series: m, values: 1x3}]",
      "[{series: 'm{i=\"1\"}', values: 1x3}, {series: 'm{i=\"2\"}', values: 1x3}]",
    ),
    "groups:\n- name: g\n  limit: 1\n  rules:\n  - {record: r, expr: m}\n",
  ],
  [
    "a rule whose evaluation fails",
    GOOD,
    ofRules('  - {record: r, expr: \'m * on () group_left () m or label_replace(m, "~", "", "", "")\'}\n'),
  ],
];
