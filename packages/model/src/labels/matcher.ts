import { compilePattern, type Pattern } from "../pattern/pattern.ts";
import { isLegacyLabelName } from "./metric-name.ts";
import { quote } from "../strings.ts";
import type { Labels } from "./labels.ts";

/** Operators of label matchers. A missing label has the value "". */
export type MatchType = "=" | "!=" | "=~" | "!~";

/** A label matcher of a selector. The constructor throws PatternError for an invalid regular expression. */
export class Matcher {
  readonly type: MatchType;
  readonly name: string;
  readonly value: string;
  /** Compiled regular expression; undefined for the operators = and !=. */
  readonly pattern: Pattern | undefined;

  /** @param compile compiles the regular expression of the operators =~ and !~ */
  constructor(type: MatchType, name: string, value: string, compile: (source: string) => Pattern = compilePattern) {
    this.type = type;
    this.name = name;
    this.value = value;
    this.pattern = type === "=~" || type === "!~" ? compile(value) : undefined;
  }

  /** Reports whether a label with this value ("" if absent) matches. */
  matches(value: string): boolean {
    switch (this.type) {
      case "=":
        return value === this.value;
      case "!=":
        return value !== this.value;
      case "=~":
        return this.pattern!.test(value);
      case "!~":
        return !this.pattern!.test(value);
    }
  }

  /** True if a series without the label matches. The storage cannot find such series by the label's index alone. */
  get matchesEmpty(): boolean {
    return this.matches("");
  }

  toString(): string {
    return `${isLegacyLabelName(this.name) ? this.name : quote(this.name)}${this.type}${quote(this.value)}`;
  }
}

/** Reports whether all matchers match the label set. */
export const matchesAll = (matchers: readonly Matcher[], labels: Labels): boolean =>
  matchers.every((matcher) => matcher.matches(labels.get(matcher.name)));
