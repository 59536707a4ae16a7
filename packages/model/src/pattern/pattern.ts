import { RE2JS } from "re2js";
import { closesOwnGroups } from "./group-balance.ts";
import { literalAlternatives, literalPrefix } from "./literal-pattern.ts";
import { type Capture, plainCapture } from "./plain-capture.ts";
import { ExpansionTemplate } from "./template-expansion.ts";
import { wildcardTest } from "./wildcard-pattern.ts";

/** A regular expression is invalid in Go's RE2 syntax. The message is Go's. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** A compiled regular expression. Matching takes time linear in the length of the text. */
export interface Pattern {
  readonly source: string;
  /**
   * All strings that the expression accepts, if it is a literal or an alternation of literals. The storage looks up
   * these strings instead of testing all label values. Always undefined in capturing patterns.
   */
  readonly literals: readonly string[] | undefined;
  /**
   * Literal text with which all accepted texts begin, or "". Only the label values with this prefix need to be tested.
   * Always "" if `literals` is set, and in capturing patterns.
   */
  readonly prefix: string;
  test(text: string): boolean;
}

/**
 * A pattern that also returns the captured groups of a match. Index 0 is the whole match. A group that is not part of
 * the match is undefined.
 */
export interface CapturingPattern extends Pattern {
  exec(text: string): readonly (string | undefined)[] | undefined;
  /** Returns the number of the group with the given name, or -1. */
  groupIndex(name: string): number;
  /**
   * Replaces each match in `text` by the template, in which $1 and ${name} represent groups (Go's ReplaceAllString).
   */
  replaceAll(text: string, template: string): string;
}

/** Maximum length of a regular expression in UTF-16 units that is compiled. Compiling takes about 3 µs per unit. */
const MAX_LENGTH = 2 ** 18;

/**
 * Compiles a regular expression. Throws PatternError.
 * @param wrapped the expression `source` inside the group that anchors it
 */
function compile(source: string, wrapped: string): RE2JS {
  if (source.length > MAX_LENGTH) {
    throw new PatternError(
      `error parsing regexp: expression has ${source.length} characters, more than the ${MAX_LENGTH} that are compiled`,
    );
  }
  try {
    // Compiles `source` alone only if `source` could be invalid although `wrapped` is valid, because compiling is slow.
    if (!closesOwnGroups(source)) RE2JS.compile(source);
    return RE2JS.compile(wrapped);
  } catch (cause) {
    throw new PatternError(goMessage(faultOf(source) ?? cause, source), { cause });
  }
}

/** Returns the error that Go reports for a regular expression without the anchoring group. */
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
  // Adds the invalid part in quotes, even though it is empty, as in Go's message.
  if (text === "error parsing regexp: trailing backslash at end of expression") return `${text}: \`\``;
  return text.startsWith("error parsing regexp") ? text : `error parsing regexp: ${text}: \`${source}\``;
}

/**
 * Compiles a regular expression that must match the whole value, where `.` also matches newlines (`^(?s:…)$`), as for
 * label matchers and relabeling. Literals with wildcards between them, and alternatives of such expressions, are
 * matched without the regular-expression engine. Throws PatternError.
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
 * Compiles a regular expression that must match the whole value, where `.` does not match newlines (`^(?:…)$`), as for
 * Alertmanager's matchers. Throws PatternError.
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
  // Uses the slower exact pattern only for a text with a newline, because only for such a text the result can differ
  // from that of compilePattern().
  return { ...pattern, test: (text) => (text.includes("\n") ? exact(text) : pattern.test(text)) };
}

/**
 * Reports whether a regular expression needs the regular-expression engine. The engine takes about 3 µs for each
 * character of the expression.
 */
export function needsEngine(source: string): boolean {
  return literalAlternatives(source) === undefined && wildcardTest(source) === undefined;
}

/**
 * Compiles a regular expression with captured groups. With `anchored`, the expression must match the whole text;
 * otherwise a match may be anywhere in the text, as in templates.
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
