import {
  type Codec,
  field,
  flag,
  INVALID,
  listOf,
  mapOf,
  optional,
  type Position,
  section,
  type Section,
  text,
} from "@narthex/config";
import { layoutProblem, parseLayout } from "@narthex/template";

type Texts = ReadonlyMap<string, string>;

/** Expected results of routing an alert. Undefined fields are not compared. */
interface RouteExpectation {
  /** Names of receivers, in routing order. */
  readonly receivers: readonly string[] | undefined;
  /** Group labels for each route that matches the alert. */
  readonly groupLabels: readonly Texts[] | undefined;
  readonly groupKeys: readonly string[] | undefined;
  /** Time intervals that suppress the alert. */
  readonly mutedBy: readonly string[] | undefined;
  /** Label sets of the other alerts that inhibit the tested alert. */
  readonly inhibitedBy: readonly Texts[] | undefined;
  readonly silenced: boolean | undefined;
}

export interface RouteTest {
  readonly name: string;
  readonly labels: Texts;
  /** Label sets of other alerts that are firing at the same time. */
  readonly alerts: readonly Texts[];
  /** Active silences, each as a list of matchers. */
  readonly silences: readonly string[];
  /** Time at which time intervals are evaluated, Unix ms. */
  readonly at: number | undefined;
  readonly expect: RouteExpectation;
  readonly place: Position;
}

export interface RouteTestFile {
  readonly configFile: string;
  readonly tests: readonly RouteTest[];
}

const LAYOUT = "2006-01-02T15:04:05Z07:00";

const moment: Codec<number> = {
  goType: "string",
  decode(node, context) {
    const source = text.decode(node, context);
    if (source === INVALID) return INVALID;
    const parsed = parseLayout(LAYOUT, source);
    if (parsed !== undefined) return Number(parsed.unixNanos / 1_000_000n);
    context.reportValue(node, "bad-time", layoutProblem(LAYOUT, source), "write a time such as 2026-01-05T03:00:00Z");
    return INVALID;
  },
  encode: (ms) => new Date(ms).toISOString(),
  isZero: () => false,
};

const texts = mapOf(text, "map[string]string");

const expectation: Section<RouteExpectation> = section<RouteExpectation>("expect", {
  receivers: optional("receivers", listOf(text)),
  groupLabels: optional("group_labels", listOf(texts)),
  groupKeys: optional("group_keys", listOf(text)),
  mutedBy: optional("muted_by", listOf(text)),
  inhibitedBy: optional("inhibited_by", listOf(texts)),
  silenced: optional("silenced", flag),
});

const routeTest: Section<RouteTest> = section<Omit<RouteTest, "place">, RouteTest>(
  "test",
  {
    name: field("name", text, ""),
    labels: field("labels", texts, new Map()),
    alerts: field("alerts", listOf(texts), []),
    silences: field("silences", listOf(text), []),
    at: optional("at", moment),
    expect: field("expect", expectation, expectation.empty()),
  },
  (value, at, report) => {
    const place = { line: at.self.line, column: at.self.column };
    if (Object.values(value.expect).every((one) => one === undefined)) {
      report(at.self, "no-expectation", "the test has no expectations", "add expect with receivers, muted_by, …");
      return INVALID;
    }
    if (value.expect.mutedBy !== undefined && value.at === undefined) {
      report(at.expect, "no-time", "muted_by depends on the time", "add at, such as 2026-01-05T03:00:00Z");
      return INVALID;
    }
    return { ...value, place };
  },
);

export const routeTestFile: Section<RouteTestFile> = section<RouteTestFile>(
  "route tests",
  { configFile: field("config_file", text, ""), tests: field("tests", listOf(routeTest), []) },
  (value, at, report) => {
    if (value.configFile !== "" && value.tests.length > 0) return value;
    const missing = value.configFile === "" ? "config_file" : "tests";
    report(at.self, "missing-key", `${missing} is missing`, `add ${missing}`);
    return INVALID;
  },
);
