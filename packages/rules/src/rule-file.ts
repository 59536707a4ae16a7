import {
  type Codec,
  DecodeContext,
  field,
  INVALID,
  integer,
  type Loaded,
  listOf,
  mapOf,
  millis,
  optional,
  parseYamlInSteps,
  type FieldPositions,
  type Position,
  type Report,
  section,
  text,
  type YamlNode,
} from "@narthex/config";
import { compareBytewise, isLabelName, isMetricName, METRIC_NAME, type NameValidation, quote } from "@narthex/model";
import { parseExpression, type ParserOptions } from "@narthex/promql";
import { runToEnd, type Steps } from "@narthex/runtime";
import type { GroupSpec, LabelTexts, RuleSpec } from "./rule-spec.ts";
import { checkTemplate } from "./rule-template.ts";

interface RawRule {
  readonly record: string;
  readonly alert: string;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: LabelTexts;
  readonly annotations: LabelTexts;
}

interface PlacedRule {
  readonly raw: RawRule;
  readonly at: FieldPositions<RawRule>;
  readonly names: (kind: "labels" | "annotations", name: string) => Position;
}

const texts: Codec<LabelTexts> = mapOf(text, "map[string]string");

export interface RuleFileOptions {
  readonly scheme?: NameValidation;
  /** Options for parsing expressions. Default: without experimental features. */
  readonly parser?: ParserOptions;
  /** True to ignore unknown keys. The server does not set this option. */
  readonly ignoreUnknownFields?: boolean;
}

/** The rules for valid names, and the options for parsing expressions. */
interface Language extends Required<Pick<RuleFileOptions, "scheme" | "parser">> {
  /** Tasks that remain when the nodes of the file are decoded: each parses and checks one rule. */
  readonly tasks: (() => void)[];
}

const noTexts: LabelTexts = new Map();

const rawRule = section<RawRule, Omit<PlacedRule, "names">>(
  "rulefmt.Rule",
  {
    record: field("record", text, ""),
    alert: field("alert", text, ""),
    expr: field("expr", text, ""),
    forMs: field("for", millis, 0),
    keepFiringForMs: field("keep_firing_for", millis, 0),
    labels: field("labels", texts, noTexts),
    annotations: field("annotations", texts, noTexts),
  },
  (raw, at) => ({ raw, at }),
);

/** Codec of a rule in a rule file. Skips null values, as Prometheus does. */
const rule: Codec<PlacedRule> = {
  ...(rawRule as unknown as Codec<PlacedRule>),
  decode(node, context) {
    const decoded = rawRule.decode(node, context);
    return decoded === INVALID ? INVALID : { ...decoded, names: (kind, name) => placeOfName(node, kind, name) };
  },
};

function placeOfName(node: YamlNode, kind: string, name: string): Position {
  const map = node.kind === "map" ? node.entries.find(({ key }) => key.text === kind)?.value : undefined;
  const entry = map?.kind === "map" ? map.entries.find(({ key }) => key.text === name) : undefined;
  return entry?.key ?? node;
}

interface RawGroup {
  readonly name: string;
  readonly intervalMs: number | undefined;
  readonly queryOffsetMs: number | undefined;
  readonly limit: number;
  readonly rules: readonly PlacedRule[];
  readonly labels: LabelTexts;
}

const groupsSection = (language: Language): Codec<readonly GroupSpec[]> => {
  const group = section<RawGroup, { readonly spec: GroupSpec; readonly at: Position }>(
    "rulefmt.RuleGroup",
    {
      name: field("name", text, ""),
      intervalMs: optional("interval", millis),
      queryOffsetMs: optional("query_offset", millis),
      limit: field("limit", integer, 0),
      rules: field("rules", listOf(skippingNull(rule), { goType: "[]rulefmt.Rule" }), []),
      labels: field("labels", texts, noTexts),
    },
    (raw, at, report) => finishGroup(raw, at, report, language),
  );
  const whole = section<
    { readonly groups: readonly { readonly spec: GroupSpec; readonly at: Position }[] },
    readonly GroupSpec[]
  >(
    "rulefmt.RuleGroups",
    { groups: field("groups", listOf(skippingNull(group), { goType: "[]rulefmt.RuleGroup" }), []) },
    ({ groups }, _at, report) => {
      const present = groups.filter((entry) => entry !== undefined);
      const seen = new Set<string>();
      for (const { spec, at } of present) {
        if (seen.has(spec.name)) {
          const message = `groupname: ${quote(spec.name)} is repeated in the same file`;
          report(at, "repeated-group", message, "give each group a name of its own");
        }
        seen.add(spec.name);
      }
      return present.map(({ spec }) => spec);
    },
  );
  return whole;
};

/** Returns a codec that skips null entries of a list, as Prometheus does. */
const skippingNull = <T>(codec: Codec<T>): Codec<T> => ({
  ...codec,
  decode: (node, context) =>
    node.kind === "scalar" && node.tag === "!!null" ? (undefined as unknown as T) : codec.decode(node, context),
});

function finishGroup(
  raw: RawGroup,
  at: FieldPositions<RawGroup>,
  report: Report,
  language: Language,
): { readonly spec: GroupSpec; readonly at: Position } {
  if (raw.name === "") report(at.name, "group-name", "Groupname must not be empty", "name the group");
  for (const [name, value] of raw.labels) {
    if (!isLabelName(name, language.scheme) || name === METRIC_NAME) {
      report(at.labels, "bad-label-name", `invalid label name: ${name}`, "rename the label");
    }
    if (!value.isWellFormed()) report(at.labels, "bad-label-value", `invalid label value: ${value}`, "write UTF-8");
  }
  const rules: RuleSpec[] = [];
  const present = raw.rules.filter((entry) => entry !== undefined);
  for (const [index, placed] of present.entries()) {
    language.tasks.push(() => {
      const spec = finishRule(placed, `group ${quote(raw.name)}, rule ${index + 1}`, raw.labels, report, language);
      if (spec !== undefined) rules.push(spec);
    });
  }
  const { name, intervalMs, queryOffsetMs, limit } = raw;
  const spec: GroupSpec = { name, intervalMs, queryOffsetMs, limit, labels: sorted(raw.labels), rules };
  return { spec, at: { line: at.self.line, column: at.self.column } };
}

function finishRule(
  placed: PlacedRule,
  where: string,
  groupLabels: LabelTexts,
  report: Report,
  { scheme, parser }: Language,
): RuleSpec | undefined {
  const { raw, at } = placed;
  const name = raw.alert === "" ? raw.record : raw.alert;
  const say = (place: Position, code: string, message: string, hint = ""): void =>
    report(place, code, `${where}, ${quote(name)}: ${message}`, hint);
  checkKind(raw, at, say);
  const labels = sorted(new Map([...groupLabels, ...raw.labels]));
  checkNames(placed, say, scheme);
  if (raw.alert !== "") checkTemplates(placed, say);
  if (raw.expr === "") {
    say(at.self, "rule-expression", "field 'expr' must be set in rule", "add expr");
    return undefined;
  }
  const parsed = parseExpression(raw.expr, parser);
  if (!parsed.ok) {
    say(at.expr, "rule-expression", `could not parse expression: ${parsed.errors[0].toString()}`);
    return undefined;
  }
  const shared = { name, query: raw.expr, expr: parsed.expr, labels };
  if (raw.alert === "") return { kind: "recording", ...shared };
  const { forMs, keepFiringForMs } = raw;
  return { kind: "alerting", ...shared, forMs, keepFiringForMs, annotations: sorted(raw.annotations) };
}

type Say = (place: Position, code: string, message: string, hint?: string) => void;

function checkKind(raw: RawRule, at: FieldPositions<RawRule>, say: Say): void {
  if (raw.record !== "" && raw.alert !== "") {
    say(at.record, "rule-kind", "only one of 'record' and 'alert' must be set", "make two rules of it");
  }
  if (raw.record === "" && raw.alert === "") {
    say(at.self, "rule-kind", "one of 'record' or 'alert' must be set", "name the series or the alert");
  }
  if (raw.record === "") return;
  const onlyAlerts = [
    ["annotations", raw.annotations.size > 0, at.annotations],
    ["for", raw.forMs !== 0, at.forMs],
    ["keep_firing_for", raw.keepFiringForMs !== 0, at.keepFiringForMs],
  ] as const;
  for (const [name, given, place] of onlyAlerts) {
    if (given) say(place, "rule-field", `invalid field '${name}' in recording rule`, "remove it");
  }
}

function checkNames({ raw, at, names }: PlacedRule, say: Say, scheme: NameValidation): void {
  if (raw.record !== "") {
    if (!isMetricName(raw.record, scheme)) {
      say(at.record, "bad-metric-name", `invalid recording rule name: ${raw.record}`, "rename the series");
    } else if (/[{}]/.test(raw.record)) {
      const message = `braces present in the recording rule name; should it be in expr?: ${raw.record}`;
      say(at.record, "bad-metric-name", message);
    }
  }
  for (const [name, value] of raw.labels) {
    if (!isLabelName(name, scheme) || name === METRIC_NAME) {
      say(names("labels", name), "bad-label-name", `invalid label name: ${name}`, "rename the label");
    }
    if (!value.isWellFormed()) say(names("labels", name), "bad-label-value", `invalid label value: ${value}`);
  }
  for (const name of raw.annotations.keys()) {
    if (!isLabelName(name, scheme)) {
      say(names("annotations", name), "bad-annotation-name", `invalid annotation name: ${name}`, "rename it");
    }
  }
}

function checkTemplates({ raw, names }: PlacedRule, say: Say): void {
  for (const kind of ["labels", "annotations"] as const) {
    for (const [name, template] of raw[kind]) {
      const problem = checkTemplate(`__alert_${raw.alert}`, template);
      if (problem === undefined) continue;
      say(names(kind, name), "rule-template", `${kind.slice(0, -1)} ${quote(name)}: ${problem}`);
    }
  }
}

const sorted = (map: LabelTexts): LabelTexts => new Map([...map].sort(([a], [b]) => compareBytewise(a, b)));

/**
 * Parses a rule file, and reports all problems together with Prometheus' messages. Only the first YAML document is
 * used; further documents cause a warning.
 */
export const parseRuleFile = (
  source: string,
  file: string,
  options: RuleFileOptions = {},
): Loaded<readonly GroupSpec[]> => runToEnd(parseRuleFileInSteps(source, file, options));

/** Parses as parseRuleFile() does. A step reads some of the text, or checks one rule. */
export function* parseRuleFileInSteps(
  source: string,
  file: string,
  options: RuleFileOptions = {},
): Steps<Loaded<readonly GroupSpec[]>> {
  const parsed = yield* parseYamlInSteps(source, file);
  if (parsed.problems.length > 0) return { ok: false, problems: parsed.problems };
  const root = parsed.root ?? { kind: "map", entries: [], line: 1, column: 1 };
  const decoded = yield* decodeRuleFile(root, file, options);
  const more = "Multiple document yaml rules files are not supported, only the first document is processed";
  return decoded.ok && parsed.documents > 1 ? { ...decoded, warnings: [`${file}: ${more}`] } : decoded;
}

/** Decodes the root node of a rule file, and reports all problems together with Prometheus' messages. */
export function* decodeRuleFile(
  root: YamlNode,
  file: string,
  options: RuleFileOptions = {},
): Steps<Loaded<readonly GroupSpec[]>> {
  const context = new DecodeContext(file, options);
  const { scheme = "utf8", parser = {} } = options;
  const tasks: (() => void)[] = [];
  const value = groupsSection({ scheme, parser, tasks }).decode(root, context);
  for (const task of tasks) {
    yield;
    task();
  }
  const problems = context.problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (value === INVALID || problems.length > 0) return { ok: false, problems };
  return { ok: true, value, warnings: [] };
}
