import { BoundedMatcher } from "./bounded-match.ts";
import { patternCost } from "./pattern-cost.ts";
import { addFault } from "./pattern-faults.ts";
import { type ParsedPattern, parsePattern, type PatternNode } from "./pattern-syntax.ts";

export interface PatternMatch {
  readonly index: number;
  /** Text of the whole match, then of each capturing group. Undefined for groups that did not take part. */
  readonly groups: readonly (string | undefined)[];
  readonly named: ReadonlyMap<string, string | undefined>;
}

/** A regular expression that a user wrote. The time to match any text is bounded. */
export interface UserPattern {
  test(text: string): boolean;
  match(text: string): PatternMatch | undefined;
  /** Replaces the first match by a template (`$1`, `$<name>`, `$&`, `$$`). With the flag `g`, replaces all matches. */
  replace(text: string, template: string): string;
  /** Returns all matches with the flag `g`, otherwise at most the first match. */
  matchAll(text: string): PatternMatch[];
}

/**
 * Length in characters of the longest accepted expression. An alternation of 10,000 values with 10 characters each has
 * this length.
 */
const MAX_PATTERN_LENGTH = 100_000;
/**
 * JavaScript's own engine matches a text only if the computed cost is at most this number of steps. This number of
 * steps takes some milliseconds.
 */
const NATIVE_STEPS = 1_000_000;
/**
 * Limit that replaces NATIVE_STEPS for expressions whose cost is linear in the text. The limit is higher, because most
 * attempts fail at the first character.
 */
const NATIVE_STEPS_OF_PLACES = 10_000_000;
/**
 * Limit of steps of JavaScript's engine for all texts of one expression together. Texts that need at most FEW_STEPS for
 * each character are not counted.
 */
const NATIVE_BUDGET = 300_000_000;
/** Number of steps per character up to which a text is not counted against NATIVE_BUDGET. */
const FEW_STEPS = 200;
/**
 * Number of steps that our own engine may take for an expression in total. For each text, BUDGET_PER_TEXT and
 * BUDGET_PER_CHARACTER are added.
 */
const BUDGET = 1_000_000;
const BUDGET_PER_TEXT = 2000;
const BUDGET_PER_CHARACTER = 20;
/** Largest number of matches in one text. */
const MAX_MATCHES = 10_000;

interface Found {
  readonly index: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

class BoundedPattern implements UserPattern {
  private readonly source: string;
  private native: RegExp | undefined;
  private readonly parsed: ParsedPattern;
  private readonly factor: number;
  private readonly degree: number;
  private readonly isGlobal: boolean;
  private readonly flags: string;
  private counting: BoundedMatcher | undefined;
  private budget = BUDGET;
  private nativeBudget = NATIVE_BUDGET;

  constructor(source: string, flags: string, native: RegExp, parsed: ParsedPattern) {
    this.source = source;
    this.native = native;
    this.parsed = parsed;
    this.flags = flags.replaceAll(/[gy]/g, "");
    this.isGlobal = flags.includes("g");
    const cost = patternCost(parsed.root);
    this.factor = cost.factor;
    // Degree of the cost. An expression without an anchor has one degree more, because it is tried at each position of
    // the text.
    this.degree = cost.degree + (isAnchored(parsed.root) && !flags.includes("m") ? 0 : 1);
  }

  test(text: string): boolean {
    return this.find(text, 0) !== undefined;
  }

  match(text: string): PatternMatch | undefined {
    const found = this.find(text, 0);
    return found === undefined ? undefined : this.describe(found);
  }

  matchAll(text: string): PatternMatch[] {
    return this.places(text).map((found) => this.describe(found));
  }

  replace(text: string, template: string): string {
    let result = "";
    let at = 0;
    for (const found of this.places(text)) {
      result += text.slice(at, found.index) + expand(template, this.describe(found));
      at = found.end;
    }
    return result + text.slice(at);
  }

  private places(text: string): Found[] {
    const ranges: Found[] = [];
    for (let from = 0; from <= text.length && ranges.length < MAX_MATCHES;) {
      const found = this.find(text, from);
      if (found === undefined) break;
      ranges.push(found);
      if (!this.isGlobal) break;
      from = found.end > found.index ? found.end : found.end + 1;
    }
    return ranges;
  }

  private find(text: string, from: number): Found | undefined {
    if (this.isNative(text)) {
      const match = this.nativeMatch(text, from);
      if (match === null) return undefined;
      if (match !== undefined) return { index: match.index, end: match.index + match[0].length, groups: match };
    }
    const extra = BUDGET_PER_TEXT + BUDGET_PER_CHARACTER * text.length;
    this.counting ??= new BoundedMatcher(this.parsed, this.flags);
    const { ends, left } = this.counting.search(text, from, Math.max(this.budget, 0) + extra);
    this.budget = Math.min(this.budget, left);
    if (ends === undefined) {
      if (left <= 0) addFault(`matching "${shortened(this.source)}" takes too many steps and was stopped`);
      return undefined;
    }
    const groups = Array.from({ length: this.parsed.captures + 1 }, (_, i) =>
      ends[2 * i]! < 0 ? undefined : text.slice(ends[2 * i], ends[2 * i + 1]),
    );
    return { index: ends[0]!, end: ends[1]!, groups };
  }

  /**
   * Matches with JavaScript's engine. Returns undefined if the engine cannot compile the expression, which happens at
   * the first match, for example because the expression is too large.
   */
  private nativeMatch(text: string, from: number): RegExpExecArray | null | undefined {
    if (this.native === undefined) return undefined;
    this.native.lastIndex = from;
    try {
      return this.native.exec(text);
    } catch {
      this.native = undefined;
      return undefined;
    }
  }

  /** Reports whether JavaScript's engine may match this text, and subtracts the steps from NATIVE_BUDGET. */
  private isNative(text: string): boolean {
    const steps = this.factor * Math.max(text.length, 1) ** this.degree;
    if (steps > (this.degree > 1 ? NATIVE_STEPS : NATIVE_STEPS_OF_PLACES) || this.nativeBudget <= 0) return false;
    if (this.degree > 1 || this.factor > FEW_STEPS) this.nativeBudget -= steps;
    return true;
  }

  private describe({ index, groups }: Found): PatternMatch {
    const named = new Map([...this.parsed.names].map(([name, number]) => [name, groups[number]]));
    return { index, groups: [...groups], named };
  }
}

/** Reports whether a match can begin only at the start of a text. */
function isAnchored(node: PatternNode): boolean {
  if (node.kind === "edge") return node.edge === "^";
  if (node.kind === "group") return isAnchored(node.body);
  return node.kind === "sequence" && node.parts[0] !== undefined && isAnchored(node.parts[0]);
}

const shortened = (source: string): string => (source.length > 100 ? `${source.slice(0, 100)}…` : source);

/**
 * Replaces the group references in a template by the groups of a match. As in JavaScript, references to groups that do
 * not exist stay unchanged.
 */
function expand(template: string, match: PatternMatch): string {
  return template.replaceAll(/\$(?:(\$)|(&)|(\d{1,2})|<([^<>]*)>)/g, (whole, dollar, all, number, name) => {
    if (dollar !== undefined) return "$";
    if (all !== undefined) return match.groups[0] ?? "";
    if (name !== undefined) return match.named.size === 0 ? whole : (match.named.get(name as string) ?? "");
    const digits = number as string;
    const last = match.groups.length - 1;
    if (Number(digits) >= 1 && Number(digits) <= last) return match.groups[Number(digits)] ?? "";
    const first = Number(digits[0]);
    if (digits.length === 2 && first >= 1 && first <= last) return (match.groups[first] ?? "") + digits[1]!;
    return whole;
  });
}

/**
 * Splits `/source/flags` into source and flags. Returns undefined if the closing slash is missing. Any other text
 * becomes an expression that must match a whole value.
 */
function sourceOf(text: string): { readonly source: string; readonly flags: string } | undefined {
  if (!text.startsWith("/")) return { source: `^${text}$`, flags: "" };
  const end = text.indexOf("/", 1);
  // Searches for the first slash that is followed only by flags, as Grafana does.
  for (let at = end; at > 0; at = text.indexOf("/", at + 1)) {
    const flags = text.slice(at + 1);
    if (/^g?i?m?y?s?$/.test(flags)) return { source: text.slice(1, at), flags };
  }
  return undefined;
}

/**
 * Compiles a user's regular expression: `/source/flags` (flags g, i, m, y, s), or an expression that must match a whole
 * value. Returns undefined if it is invalid, too long, or has syntax that the parser does not know.
 */
export function compileUserPattern(text: string): UserPattern | undefined {
  const expression = sourceOf(text);
  if (expression === undefined) return refused(text, "is not a valid regular expression");
  return compileExpression(expression.source, expression.flags);
}

/** Records that an expression was refused, with the reason. A refused expression matches nothing. */
function refused(source: string, reason: string): undefined {
  addFault(`"${shortened(source)}" ${reason}; it matches nothing`);
}

/**
 * Compiles a user's expression from separate source and flags, as `compileUserPattern` does. The expression may match
 * anywhere in a text.
 */
export function compileExpression(source: string, flags = ""): UserPattern | undefined {
  if (source.length > MAX_PATTERN_LENGTH) return refused(source, `is longer than ${MAX_PATTERN_LENGTH} characters`);
  if (!/^g?i?m?y?s?$/.test(flags)) return refused(source, `has flags other than g, i, m, y and s: ${shortened(flags)}`);
  const parsed = parsePattern(source);
  if (parsed === undefined) return refused(source, "has syntax that is not supported");
  try {
    // Creates the native expression, which runs only if patternCost() is low. Otherwise BoundedMatcher matches and
    // counts its steps.
    const native = new RegExp(source, `${flags.replaceAll(/[gy]/g, "")}g`);
    return new BoundedPattern(source, flags, native, parsed);
  } catch {
    return refused(source, "is not a valid regular expression");
  }
}
