import type { SqlMacro } from "./macros.ts";

/** Differences between databases that matter for dashboards. */
export interface SqlDialect {
  /** Name of the database in messages. */
  readonly name: string;
  /** Names that mark a column as the time of a row. */
  readonly timeColumns: readonly string[];
  /** Macros by name, without the dollar sign. */
  readonly macros: ReadonlyMap<string, SqlMacro>;
  /** Names of macros that need no parentheses. */
  readonly bareMacros?: ReadonlySet<string>;
  /** Whether `$__interval_s` is the interval in seconds. */
  readonly hasSecondsMacro?: boolean;
  /** Whether arguments of macros may contain calls of functions. */
  readonly nestsArguments?: boolean;
  /** Returns a macro that replaces another one because of the character after the call. */
  readonly aliasOf?: (name: string, next: string) => string;
  /** First words of the statements that a data source may send, in lower case. */
  readonly statements: ReadonlySet<string>;
  /** Tokens that begin a comment which continues to the end of the line. */
  readonly lineComments: readonly string[];
  /** Characters that end a line, and therefore such a comment. */
  readonly lineEnds: readonly string[];
  /** Whether block comments may contain block comments. */
  readonly nestsComments: boolean;
  /** First words of the statements that may follow EXPLAIN. Default: all, because the session only reads. */
  readonly explained?: ReadonlySet<string>;
  /** Returns the reason why a statement is refused, or undefined. */
  readonly refusal?: (sql: string) => string | undefined;
}
