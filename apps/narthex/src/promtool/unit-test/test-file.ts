import {
  type Codec,
  decimal,
  field,
  flag,
  INVALID,
  labelSet,
  listOf,
  mapOf,
  millis,
  optional,
  type Position,
  section,
  text,
} from "@narthex/config";
import { parseTime } from "@narthex/http";
import { Labels } from "@narthex/model";

type Texts = ReadonlyMap<string, string>;

export interface ExpectedAlert {
  readonly labels: Texts;
  readonly annotations: Texts;
}

/** The instances of an alert that are expected to fire at a time. */
export interface AlertTest {
  readonly evalTimeMs: number;
  readonly alertname: string;
  readonly expAlerts: readonly ExpectedAlert[];
}

export interface ExpectedSample {
  /** Labels of the sample in PromQL notation, `{a="b"}`. Empty means no labels. */
  readonly labels: string;
  readonly value: number;
  /** A native histogram in the notation `{{schema:0 …}}`. If set, it replaces `value`. */
  readonly histogram: string;
}

/** The expected result of an expression at a time. */
export interface ExpressionTest {
  readonly expr: string;
  readonly evalTimeMs: number;
  readonly expSamples: readonly ExpectedSample[];
}

export interface InputSeries {
  readonly series: string;
  /** Values in the notation of test scripts: `0+1x5 _ stale`. */
  readonly values: string;
  /** Place of the series in the test file. */
  readonly at?: Position;
}

export interface TestGroup {
  readonly name: string;
  /** Interval between input samples, ms; 0 means the evaluation interval. */
  readonly intervalMs: number;
  readonly startMs: number;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly inputSeries: readonly InputSeries[];
  readonly alertTests: readonly AlertTest[];
  readonly expressionTests: readonly ExpressionTest[];
}

/** A file of unit tests for rules. Times are in ms. */
export interface TestFile {
  readonly ruleFiles: readonly string[];
  readonly evaluationIntervalMs: number;
  readonly groupOrder: readonly string[];
  readonly fuzzyCompare: boolean;
  readonly tests: readonly TestGroup[];
}

const texts = mapOf(text, "map[string]string");
const noTexts: Texts = new Map();

const expectedAlert = section<ExpectedAlert>("main.alert", {
  labels: field("exp_labels", texts, noTexts),
  annotations: field("exp_annotations", texts, noTexts),
});

const alertTest = section<AlertTest>("main.alertTestCase", {
  evalTimeMs: field("eval_time", millis, 0),
  alertname: field("alertname", text, ""),
  expAlerts: field("exp_alerts", listOf(expectedAlert), []),
});

const expectedSample = section<ExpectedSample>("main.sample", {
  labels: field("labels", text, ""),
  value: field("value", decimal, 0),
  histogram: field("histogram", text, ""),
});

const expressionTest = section<ExpressionTest>("main.promqlTestCase", {
  expr: field("expr", text, ""),
  evalTimeMs: field("eval_time", millis, 0),
  expSamples: field("exp_samples", listOf(expectedSample), []),
});

const inputSeries = section<Omit<InputSeries, "at">, InputSeries>(
  "main.series",
  { series: field("series", text, ""), values: field("values", text, "") },
  (value, at) => ({ ...value, at: at.series }),
);

/** A time, written as Unix seconds or in RFC 3339. */
const moment: Codec<number> = {
  ...millis,
  decode(node, context) {
    const word = text.decode(node, context);
    if (word === INVALID) return INVALID;
    const time = parseTime(word);
    if (time !== undefined) return time;
    const message = `cannot parse ${JSON.stringify(word)} to a valid timestamp`;
    context.reportValue(node, "bad-time", message, "write Unix seconds or RFC 3339");
    return INVALID;
  },
};

const testGroup = section<TestGroup>("main.testGroup", {
  name: field("name", text, ""),
  intervalMs: field("interval", millis, 0),
  startMs: field("start_timestamp", moment, 0),
  externalLabels: field("external_labels", labelSet("utf8"), Labels.EMPTY),
  externalUrl: field("external_url", text, ""),
  inputSeries: field("input_series", listOf(inputSeries), []),
  alertTests: field("alert_rule_test", listOf(alertTest), []),
  expressionTests: field("promql_expr_test", listOf(expressionTest), []),
});

interface RawTestFile extends Omit<TestFile, "evaluationIntervalMs"> {
  readonly evaluationIntervalMs: number | undefined;
}

export const testFileSection = section<RawTestFile, TestFile>(
  "main.unitTestFile",
  {
    ruleFiles: field("rule_files", listOf(text), []),
    evaluationIntervalMs: optional("evaluation_interval", millis),
    groupOrder: field("group_eval_order", listOf(text), []),
    fuzzyCompare: field("fuzzy_compare", flag, false),
    tests: field("tests", listOf(testGroup), []),
  },
  (value, at, report) => {
    const repeated = value.groupOrder.find((name, i) => value.groupOrder.indexOf(name) < i);
    if (repeated !== undefined) {
      report(at.groupOrder, "repeated-group", `group name repeated in evaluation order: ${repeated}`, "name it once");
      return INVALID;
    }
    const interval = value.evaluationIntervalMs ?? 0;
    return { ...value, evaluationIntervalMs: interval === 0 ? 60_000 : interval };
  },
);
