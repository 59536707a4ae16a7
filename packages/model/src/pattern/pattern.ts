import { RE2JS } from "re2js";
import { closesOwnGroups } from "./group-balance.ts";
import { literalAlternatives, literalPrefix } from "./literal-pattern.ts";
import { type Capture, plainCapture } from "./plain-capture.ts";
import { ExpansionTemplate } from "./template-expansion.ts";
import { wildcardTest } from "./wildcard-pattern.ts";

/** Go's RE2 syntax refuses the expression; the message is Go's. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** A compiled expression whose matching time is linear in the text. */
export interface Pattern {
  readonly source: string;
  /**
   * The finite set of strings that it accepts, if it is a plain literal or alternation; with it, postings need no scan.
   */
  readonly literals: readonly string[] | undefined;
  /** Common prefix of all accepted texts, as far as it is obvious; with it, only a part of sorted values is read. */
  readonly prefix: string;
  test(text: string): boolean;
}

/** A pattern that also returns its groups. Index 0 is the whole match; groups that did not take part are undefined. */
export interface CapturingPattern extends Pattern {
  exec(text: string): readonly (string | undefined)[] | undefined;
  /** Returns the group number of a name, or -1. */
  groupIndex(name: string): number;
  /** Replaces each match in `text` by the template with $1 and ${name} expanded (Go's ReplaceAllString). */
  replaceAll(text: string, template: string): string;
}

/** Maximum length of an expression for the engine, in UTF-16 units: compiling takes about 3 µs for each. */
const MAX_LENGTH = 2 ** 18;

/** @param wrapped the same expression in a group */
function compile(source: string, wrapped: string): RE2JS {
  if (source.length > MAX_LENGTH) {
    throw new PatternError(
      `error parsing regexp: expression has ${source.length} characters, more than the ${MAX_LENGTH} that are compiled`,
    );
  }
  try {
    // Compiled only once if possible, because compiling is most of an expression's cost.
    if (!closesOwnGroups(source)) RE2JS.compile(source);
    return RE2JS.compile(wrapped);
  } catch (cause) {
    throw new PatternError(goMessage(faultOf(source) ?? cause, source), { cause });
  }
}

/** Returns the error of an expression compiled alone. */
function faultOf(source: string): unknown {
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (cause) {
    return cause;
  }
}

function goMessage(cause: unknown, source: string): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  // Go always quotes the invalid part, even an empty one.
  if (text === "error parsing regexp: trailing backslash at end of expression") return `${text}: \`\``;
  return text.startsWith("error parsing regexp") ? text : `error parsing regexp: ${text}: \`${source}\``;
}

/**
 * Compiles an expression that must match the whole value, with `.` matching newlines too: the rule of matchers and
 * relabeling (`^(?s:…)$`). Literals, wildcards between them and alternatives of these do not need the engine. Throws
 * PatternError.
 */
export function compilePattern(source: string): Pattern {
  const literals = literalAlternatives(source);
  if (literals !== undefined) {
    const set = new Set(literals);
    return { source, literals, prefix: "", test: (text) => set.has(text) };
  }
  if (source === ".*" || source === "(?s:.*)") {
    return { source, literals: undefined, prefix: "", test: () => true };
  }
  if (source === ".+") return { source, literals: undefined, prefix: "", test: (text) => text !== "" };
  const prefix = literalPrefix(source);
  const wildcards = wildcardTest(source);
  if (wildcards !== undefined) return { source, literals: undefined, prefix, test: wildcards };
  const engine = compile(source, `^(?s:${source})$`);
  if (prefix === "") return { source, literals: undefined, prefix, test: (text) => engine.test(text) };
  return { source, literals: undefined, prefix, test: (text) => text.startsWith(prefix) && engine.test(text) };
}

/**
 * Like compilePattern(), but `.` does not match newlines: the rule of Alertmanager's matchers (`^(?:…)$`). Throws
 * PatternError.
 */
export function compileLinePattern(source: string): Pattern {
  const pattern = compilePattern(source);
  if (pattern.literals !== undefined) return pattern;
  let engine: Pattern["test"] | undefined;
  const exact = (text: string): boolean => {
    if (engine === undefined) {
      const compiled = compile(source, `^(?:${source})$`);
      engine = (one) => compiled.test(one);
    }
    return engine(text);
  };
  // The result can differ only for texts with a newline.
  return { ...pattern, test: (text) => (text.includes("\n") ? exact(text) : pattern.test(text)) };
}

/** Reports whether compiling this expression needs the engine, which takes about 3 µs for each character. */
export function needsEngine(source: string): boolean {
  return literalAlternatives(source) === undefined && wildcardTest(source) === undefined;
}

/**
 * Compiles with groups. `anchored` as in compilePattern; otherwise searches within the text (templates). A simple
 * anchored expression uses the engine only for replaceAll.
 */
export function compileCapturing(source: string, anchored = true): CapturingPattern {
  const plain = anchored ? plainCapture(source) : undefined;
  let compiled: RE2JS | undefined;
  const engine = (): RE2JS => (compiled ??= compile(source, anchored ? `^(?s:${source})$` : source));
  const names = plain === undefined ? (engine().namedGroups() as Readonly<Record<string, number>>) : {};
  const groupsOf = (matcher: ReturnType<RE2JS["matcher"]>): (string | undefined)[] => {
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
    return groups;
  };
  const search: Capture = (text) => {
    const matcher = engine().matcher(text);
    return matcher.find() ? groupsOf(matcher) : undefined;
  };
  const groupIndex = (name: string): number => names[name] ?? -1;
  return {
    source,
    literals: undefined,
    prefix: "",
    test: plain === undefined ? (text) => engine().test(text) : (text) => plain(text) !== undefined,
    exec: plain ?? search,
    groupIndex,
    replaceAll(text, template) {
      const matcher = engine().matcher(text);
      const expansion = new ExpansionTemplate(template, groupIndex);
      let out = "";
      let from = 0;
      while (matcher.find()) {
        out += text.slice(from, matcher.start()) + expansion.expand(groupsOf(matcher));
        from = matcher.end();
      }
      return out + text.slice(from);
    },
  };
}

/** Expands $1, ${1}, $name, ${name} and $$ like Go's regexp.Expand; see ExpansionTemplate. */
export const expandTemplate = (
  template: string,
  groups: readonly (string | undefined)[],
  groupIndex: (name: string) => number,
): string => new ExpansionTemplate(template, groupIndex).expand(groups);
