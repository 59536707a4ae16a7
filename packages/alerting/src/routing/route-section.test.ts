import { type Codec, decodeYaml, formatProblem, printYaml, type Report, type Section } from "@narthex/config";
import { expect, test } from "vitest";
import { inhibitSection } from "./inhibit-section.ts";
import type { MatcherMode } from "../matchers/matcher-syntax.ts";
import { checkReferences, checkRoot, routeSection, type RouteWithPlaces } from "./route-section.ts";
import { muteTimeIntervalSection, timeIntervalSection } from "./time-interval-section.ts";

const warnings: string[] = [];
const reading = (mode: MatcherMode) => ({ mode, warn: (message: string) => void warnings.push(message) });

function decoded<T>(text: string, codec: Codec<T>): T {
  const found = decodeYaml(text, "am.yml", codec);
  if (!found.ok) throw new Error(found.problems.map(formatProblem).join("\n"));
  return found.value;
}

/** Decodes a YAML text and returns the place and message of each problem. */
function problems<T>(text: string, section: Section<T>): readonly string[] {
  const found = decodeYaml(text, "am.yml", section);
  return found.ok ? [] : found.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const route = (text: string, mode: MatcherMode = "fallback"): RouteWithPlaces =>
  decoded(text, routeSection(reading(mode)));

const FULL = `receiver: a
group_by:
- x
- z
match:
  m: "1"
match_re:
  o: 1|2
matchers:
- a="1"
- b=~"2|3"
mute_time_intervals:
- night
active_time_intervals:
- day
continue: true
routes:
- receiver: b
  continue: false
group_wait: 0s
group_interval: 1m
repeat_interval: 2h
labels:
  l: v
`;

test("a route is read with all its fields, and printed as it is written", () => {
  const value = route(FULL);
  expect(printYaml(routeSection(reading("fallback")).encode(value))).toBe(FULL);
  expect(value.matchers.map(String)).toEqual(['m="1"', 'o=~"1|2"', 'a="1"', 'b=~"2|3"']);
  const { receiver, groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs, continues, place } = value;
  expect([receiver, groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs, continues]).toEqual([
    "a",
    ["x", "z"],
    0,
    60_000,
    7_200_000,
    true,
  ]);
  expect([value.muteTimeIntervals, value.activeTimeIntervals, value.labels]).toEqual([
    ["night"],
    ["day"],
    new Map([["l", "v"]]),
  ]);
  expect([place, value.routes[0]!.place]).toEqual([
    { line: 1, column: 1 },
    { line: 18, column: 3 },
  ]);
});

test("an empty route takes everything from its parent; an empty list of group_by is not printed", () => {
  const { groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs, matchers, continues } = route("{}");
  expect([groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs, matchers, continues]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    [],
    false,
  ]);
  const emptied = route("{group_by: []}");
  expect(emptied.groupBy).toEqual([]);
  expect(printYaml(routeSection(reading("utf8")).encode(emptied))).toBe("continue: false\n");
});

test.each<[text: string, mode: MatcherMode, problems: readonly string[]]>([
  ["{group_by: ['...']}", "utf8", []],
  ["{group_by: ['...', a]}", "utf8", ["1:12 cannot have wildcard group_by (`...`) and other labels at the same time"]],
  ["{group_by: [a, b, a]}", "utf8", ['1:12 duplicated label "a" in group_by']],
  ["{group_by: [a.b]}", "utf8", []],
  ["{group_by: [a.b]}", "classic", ['1:12 invalid label name "a.b" in group_by list']],
  ["{labels: {a.b: c}}", "fallback", []],
  ["{labels: {a.b: c}}", "classic", ['1:10 invalid label name "a.b" in route labels']],
  ["{labels: {'': c}}", "utf8", ['1:10 invalid label name "" in route labels']],
  ["{group_wait: 0s, group_interval: 0s}", "utf8", ["1:34 group_interval cannot be zero"]],
  ["{repeat_interval: 0s}", "utf8", ["1:19 repeat_interval cannot be zero"]],
  ["{match: {a.b: c}}", "utf8", ['1:9 invalid label name "a.b"']],
  ["{match_re: {a: (}}", "utf8", ["1:1 error parsing regexp: missing closing ): `^(?:()$`"]],
  ["{match_re: {a: }}", "utf8", ['1:16 invalid regexp value for "a"']],
  ["{matchers: ['a=b', 'c']}", "classic", ["1:20 bad matcher format: c"]],
  ["{matchers: [[]]}", "utf8", ["1:13 field matchers: cannot unmarshal !!seq into string"]],
  ["{routes: [~]}", "utf8", ["1:11 missing route"]],
  ["{routes: [{group_interval: 0s}]}", "utf8", ["1:28 group_interval cannot be zero"]],
])("the route %s in %s mode has the problems %j", (text, mode, expected) => {
  expect(problems(text, routeSection(reading(mode)))).toEqual(expected);
});

test("a matcher that later versions refuse causes a warning", () => {
  warnings.length = 0;
  route("{matchers: ['foo=']}");
  inhibitSectionOf("{source_matchers: ['foo=']}");
  expect(warnings).toEqual([expect.stringContaining('foo=""'), expect.stringContaining('foo=""')]);
});

test.each([
  ["{receiver: a}", []],
  ["{}", ["root route must specify a default receiver"]],
  ["{receiver: a, match: {a: b}}", ["root route must not have any matchers"]],
  ["{receiver: a, mute_time_intervals: [x]}", ["root route must not have any mute time intervals"]],
  ["{receiver: a, active_time_intervals: [x]}", ["root route must not have any active time intervals"]],
  ["{continue: true}", ["root route must specify a default receiver", "cannot have continue in root route"]],
  ["{receiver: a, continue: true}", ["cannot have continue in root route"]],
])("as the root, %s has the faults %j", (text, expected) => {
  const found: string[] = [];
  const report: Report = ({ line, column }, _code, message) => void found.push(`${line}:${column} ${message}`);
  expect(checkRoot(route(text), report)).toBe(expected.length === 0);
  expect(found).toEqual(expected.map((message) => `1:1 ${message}`));
});

test("references to receivers and time intervals that do not exist are reported, those of children first", () => {
  const found: string[] = [];
  const report: Report = ({ column }, _code, message) => void found.push(`${column} ${message}`);
  const known = { receivers: new Set(["a"]), intervals: new Set(["day"]) };
  const text =
    "{receiver: x, routes: [{receiver: a, mute_time_intervals: [day, m], active_time_intervals: [n]}, {receiver: y}, {}]}";
  checkReferences(route(text), known, report);
  expect(found).toEqual([
    '24 undefined time interval "n" used in route',
    '24 undefined time interval "m" used in route',
    '98 undefined receiver "y" used in route',
    '1 undefined receiver "x" used in route',
  ]);
});

const inhibitSectionOf = (text: string) => decoded(text, inhibitSection(reading("fallback")));

const RULE = `name: r
source_match:
  a: "1"
source_match_re:
  b: 2|3
source_matchers:
- c="4"
target_match:
  d: "5"
target_match_re:
  e: 6|7
target_matchers:
- f="8"
equal:
- g
`;

test("an inhibition rule is read with all its fields, and printed as it is written", () => {
  const value = inhibitSectionOf(RULE);
  expect(value.source.map(String)).toEqual(['a="1"', 'b=~"2|3"', 'c="4"']);
  expect(value.target.map(String)).toEqual(['d="5"', 'e=~"6|7"', 'f="8"']);
  expect([value.name, value.equal]).toEqual(["r", ["g"]]);
  const printed = printYaml(inhibitSection(reading("fallback")).encode(value));
  expect(printed.split("\n").toSorted()).toEqual(RULE.split("\n").toSorted());
});

test.each<[text: string, mode: MatcherMode, problems: readonly string[]]>([
  ["{}", "utf8", []],
  ["{equal: [a.b]}", "utf8", []],
  [
    "{equal: [a, b.c, d.e]}",
    "classic",
    ['invalid label name "b.c" in equal list', 'invalid label name "d.e" in equal list'],
  ],
  ["{source_match: {a.b: c}}", "utf8", ['invalid label name "a.b"']],
  ["{target_match_re: {a: (}}", "utf8", ["error parsing regexp: missing closing ): `^(?:()$`"]],
])("the inhibition rule %s in %s mode has the problems %j", (text, mode, expected) => {
  const found = problems(text, inhibitSection(reading(mode)));
  expect(found.map((problem) => problem.replace(/^\S+ /, ""))).toEqual(expected);
});

const INTERVAL = `name: night
time_intervals:
- times:
  - start_time: "09:05"
    end_time: "24:00"
  weekdays: ['monday:friday', sunday]
  days_of_month: ["1:5", '-3:-1']
  months: ["1:3", "12"]
  years: ['2020:2022', "2030"]
  location: Europe/Paris
`;

test("a time interval is printed as it is written, months as numbers", () => {
  const written = INTERVAL.replace('"1:3", "12"', "'january:march', december");
  expect(printYaml(timeIntervalSection.encode(decoded(written, timeIntervalSection)))).toBe(INTERVAL);
});

test.each([
  ["{time_intervals: []}", "missing name in time interval", "missing name in mute time interval"],
  [
    "{name: n, time_intervals: [{weekdays: ['monday:tuesday:friday']}]}",
    "couldn't parse range monday:tuesday:friday, invalid format",
  ],
  ["{name: n, time_intervals: [{weekdays: ['MONDAY:nay']}]}", "nay is not a valid weekday"],
  ["{name: n, time_intervals: [{days_of_month: ['32']}]}", "32 is not a valid day of the month: out of range"],
  ["{name: n, time_intervals: [{days_of_month: ['-32']}]}", "-32 is not a valid day of the month: out of range"],
  ["{name: n, time_intervals: [{days_of_month: ['x']}]}", 'strconv.Atoi: parsing "x": invalid syntax'],
  ["{name: n, time_intervals: [{days_of_month: ['28:-1']}]}", "end day -1 is always before start day 28"],
  ["{name: n, time_intervals: [{days_of_month: ['5:4']}]}", "end day 4 is always before start day 5"],
  ["{name: n, time_intervals: [{months: ['x']}]}", "x is not a valid month"],
  ["{name: n, time_intervals: [{years: ['x']}]}", 'strconv.Atoi: parsing "x": invalid syntax'],
  [
    "{name: n, time_intervals: [{times: [{start_time: '24:01', end_time: '24:00'}]}]}",
    "couldn't parse timestamp 24:01, invalid format",
  ],
  [
    "{name: n, time_intervals: [{times: [{start_time: '00:00', end_time: '23:60'}]}]}",
    "couldn't parse timestamp 23:60, invalid format",
  ],
  [
    "{name: n, time_intervals: [{times: [{start_time: '01:00', end_time: '01:00'}]}]}",
    "start time cannot be equal or greater than end time",
  ],
  ["{name: n, time_intervals: [{times: [{end_time: '01:00'}]}]}", "both start and end times must be provided"],
])("the time interval %s is refused", (text, message, mute = message) => {
  const found = (section: Section<unknown>): readonly string[] =>
    problems(text, section).map((problem) => problem.replace(/^\S+ (?:field \w+: )?/, ""));
  expect([found(timeIntervalSection), found(muteTimeIntervalSection)]).toEqual([[message], [mute]]);
});

test.each(["27:-1", "31", "-31", "1:-27"])("days of the month may be %s", (days) => {
  expect(problems(`{name: n, time_intervals: [{days_of_month: ['${days}']}]}`, timeIntervalSection)).toEqual([]);
});

test.each([
  ["''", "UTC"],
  ["Local", "Local"],
  ["Etc/UTC", "Etc/UTC"],
])("the location %s is read as %s", (text, location) => {
  const value = decoded(`{name: n, time_intervals: [{location: ${text}}]}`, timeIntervalSection);
  expect(value.spans.map((span) => span.location)).toEqual([location]);
});
