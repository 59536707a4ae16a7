import { compileCapturing, type Labels, parseDuration } from "@narthex/model";
import { parseExpression } from "../../syntax/parse.ts";
import { parseNumberLiteral } from "../../syntax/number-literal.ts";
import { parseSeriesDescription, type SequenceValue } from "../../syntax/series-values.ts";
import { unquote } from "../../syntax/string-literal.ts";
import type { ParserOptions } from "../../syntax/token-stream.ts";
import { parseStartOffsets, type StartOffset } from "./start-times.ts";

/** Options of the parser for promqltest scripts, which use all language features. */
export const SCRIPT_OPTIONS: ParserOptions = {
  experimentalFunctions: true,
  durationExpressions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

interface ClearCommand {
  readonly kind: "clear";
}

interface LoadedSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
  readonly startOffsets: readonly StartOffset[];
}

export interface LoadCommand {
  readonly kind: "load";
  readonly line: number;
  readonly stepMs: number;
  /** Whether classic histograms are also stored as native ones. */
  readonly withNative: boolean;
  readonly series: readonly LoadedSeries[];
}

/**
 * The expected text of an error, warning or info: equal to `message`, or matched by `pattern`. With neither, any text
 * is accepted.
 */
export interface Expectation {
  readonly message?: string;
  readonly pattern?: { readonly source: string; test(text: string): boolean };
}

interface ExpectedSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
  /** Position in the list of expected series, counted from 1. */
  readonly position: number;
}

export interface EvalCommand {
  readonly kind: "eval";
  readonly line: number;
  readonly expr: string;
  readonly range: boolean;
  /** Times of the query in ms. An instant query has only one, except if a range vector is expected. */
  start: number;
  end: number;
  step: number;
  at: number;
  ordered: boolean;
  readonly fail: Expectation[];
  readonly warn: Expectation[];
  readonly info: Expectation[];
  noWarn: boolean;
  noInfo: boolean;
  expectedString: string | undefined;
  expectedScalar: number | undefined;
  readonly series: Map<string, ExpectedSeries>;
  /** Whether only an instant query can have the expected result. */
  instantOnly: boolean;
}

export type Command = ClearCommand | LoadCommand | EvalCommand;

/** Error for a promqltest script that cannot be parsed. Lines are counted from 1. */
export class ScriptError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

const EVAL_INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$/;
const EVAL_RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$/;
const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/;
const EXPECT_RANGE = /^expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$/;

/** Reads the commands of a promqltest script. Throws ScriptError. */
export function parseScript(text: string): Command[] {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .map((line) => (line.startsWith("#") ? "" : line));
  const commands: Command[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line === "") continue;
    const block: string[] = [];
    const word = line.split(/\s/, 1)[0]!.toLowerCase();
    if (word === "clear") commands.push({ kind: "clear" });
    else if (word.startsWith("load") || word.startsWith("eval")) {
      while (i + 1 < lines.length && lines[i + 1] !== "") block.push(lines[++i]!);
      const first = i + 1 - block.length;
      commands.push(...(word.startsWith("load") ? [parseLoad(line, block, first)] : parseEval(line, block, first)));
    } else throw new ScriptError(i + 1, `invalid command "${line}"`);
  }
  return commands;
}

function duration(text: string, line: number): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new ScriptError(line, `invalid duration "${text}": ${(error as Error).message}`);
  }
}

function parseSeries(text: string, line: number): { labels: Labels; values: readonly SequenceValue[] } {
  const result = parseSeriesDescription(text);
  if (!result.ok) throw new ScriptError(line, result.errors[0].toString(line - 1));
  return result;
}

function parseLoad(head: string, block: readonly string[], line: number): LoadCommand {
  const match = /^load(?:_(with_nhcb))?\s+(.+?)$/.exec(head);
  if (match === null) throw new ScriptError(line, "invalid load command. (load[_with_nhcb] <step:duration>)");
  const series: LoadedSeries[] = [];
  let pending: { labels: Labels; offsets: StartOffset[] } | undefined;
  block.forEach((text, i) => {
    const at = line + 1 + i;
    const starts = /^(\S*)@st\s+(.*)$/.exec(text);
    if (starts !== null) {
      if (pending !== undefined) throw new ScriptError(at - 1, "@st line has no following sample line");
      pending = { labels: parseSeries(`${starts[1]!} _`, at).labels, offsets: parseStartOffsets(starts[2]!) };
      return;
    }
    const { labels, values } = parseSeries(text, at);
    if (pending !== undefined && !pending.labels.equals(labels)) {
      throw new ScriptError(at - 1, "@st metric does not match the following sample line metric");
    }
    if (pending !== undefined && pending.offsets.length !== values.length) {
      throw new ScriptError(
        at - 1,
        `@st line has ${pending.offsets.length} values but sample line has ${values.length}`,
      );
    }
    series.push({ labels, values, startOffsets: pending?.offsets ?? [] });
    pending = undefined;
  });
  if (pending !== undefined) throw new ScriptError(line + block.length, "@st line has no following sample line");
  return { kind: "load", line, stepMs: duration(match[2]!, line), withNative: match[1] !== undefined, series };
}

function parseEvalHead(head: string, line: number): EvalCommand {
  const instant = EVAL_INSTANT.exec(head);
  const range = instant === null ? EVAL_RANGE.exec(head) : null;
  if (instant === null && range === null) throw new ScriptError(line, "invalid evaluation command");
  const [mode, expr] = instant === null ? [range![1], range![5]!] : [instant[1], instant[3]!];
  const parsed = parseExpression(expr, SCRIPT_OPTIONS);
  if (!parsed.ok) throw new ScriptError(line, parsed.errors[0].toString(line - 1));
  const start = duration(instant === null ? range![2]! : (instant[2] ?? ""), line);
  const end = instant === null ? duration(range![3]!, line) : start;
  if (end < start) throw new ScriptError(line, "invalid test definition, end timestamp is before start timestamp");
  const any = (wanted: string): Expectation[] => (mode === wanted ? [{}] : []);
  return {
    kind: "eval",
    line,
    expr,
    range: instant === null,
    start,
    end,
    step: instant === null ? duration(range![4]!, line) : 0,
    at: start,
    ordered: mode === "ordered",
    fail: any("fail"),
    warn: any("warn"),
    info: any("info"),
    noWarn: false,
    noInfo: false,
    expectedString: undefined,
    expectedScalar: undefined,
    series: new Map(),
    instantOnly: false,
  };
}

/**
 * Parses one eval command. A line with only a number is the expected scalar and ends the command; later lines are
 * ignored.
 */
function parseEval(head: string, block: readonly string[], line: number): [EvalCommand] {
  const command = parseEvalHead(head, line);
  let position = 0;
  let gridGiven = false;
  for (const [i, text] of block.entries()) {
    const at = line + 1 + i;
    const grid = EXPECT_RANGE.exec(text);
    const legacy = /^expected_fail_(message|regexp)\s+(.*)$/.exec(text);
    if (command.fail.length > 0 && legacy !== null) {
      command.fail[0] = expectation(legacy[1] === "message" ? "msg" : "regex", legacy[2]!);
      break;
    }
    if (grid !== null) {
      gridGiven = true;
      [command.start, command.end, command.step] = [1, 2, 3].map((group) => duration(grid[group]!, at)) as [
        number,
        number,
        number,
      ];
      command.at = command.end;
      command.instantOnly = true;
    } else if (/^expect string(?: |$)/.test(text)) {
      command.expectedString = unquote(text.slice("expect string ".length).trim());
      command.instantOnly = true;
    } else if (/^expect(?: |$)/.test(text)) expect(command, text, at);
    else if (number(text) !== undefined) {
      command.expectedScalar = number(text);
      break;
    } else {
      const { labels, values } = parseSeries(text, at);
      if (values.length > 1 && !command.range && !gridGiven) {
        throw new ScriptError(at, "expecting multiple values in instant evaluation not allowed");
      }
      command.series.set(labels.key, { labels, values, position: ++position });
    }
  }
  return [command];
}

/** Parses a line with only a number. Returns undefined for any other line. */
function number(text: string): number | undefined {
  const match = /^([+-]?)(\S+)$/.exec(text);
  const value = match === null ? undefined : parseNumberLiteral(match[2]!);
  return typeof value === "number" ? (match![1] === "-" ? -value : value) : undefined;
}

function expectation(kind: string | undefined, text: string): Expectation {
  if (kind === undefined) return {};
  if (kind === "msg") return { message: text.trim() };
  return { pattern: compileCapturing(text.trim(), false) };
}

function expect(command: EvalCommand, text: string, line: number): void {
  const match = EXPECT.exec(text);
  if (match === null)
    throw new ScriptError(line, "invalid expect statement, must match `expect <type> <match_type>: <string>` format");
  const wanted = expectation(match[2], match[3] ?? "");
  if (match[1] === "ordered") command.ordered = true;
  else if (match[1] === "no_warn") command.noWarn = true;
  else if (match[1] === "no_info") command.noInfo = true;
  else command[match[1] as "fail" | "warn" | "info"].push(wanted);
  if (command.warn.length > 0 && command.noWarn)
    throw new ScriptError(line, "invalid expect lines, warn and no_warn cannot be used together");
  if (command.info.length > 0 && command.noInfo)
    throw new ScriptError(line, "invalid expect lines, info and no_info cannot be used together");
  if (command.fail.length > 1)
    throw new ScriptError(line, "invalid expect lines, multiple expect fail lines are not allowed");
}

export function matchesExpectation(text: string, { message, pattern }: Expectation): boolean {
  if (message !== undefined) return message === text;
  return pattern === undefined || pattern.test(text);
}
