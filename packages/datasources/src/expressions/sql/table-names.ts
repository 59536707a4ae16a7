import { isSign, isWord, type SqlToken, sqlTokens } from "./sql-tokens.ts";

/** Keywords that end the list of tables of a SELECT. */
const ENDS = [
  "WHERE",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "WINDOW",
  "UNION",
  "INTERSECT",
  "EXCEPT",
  "SELECT",
] as const;

/** The state of the search within one pair of parentheses. */
interface Level {
  isSelect: boolean;
  /** Whether the tokens belong to the list of tables. */
  isInFrom: boolean;
  /** Whether the next name is a table. */
  expectsTable: boolean;
}

const newLevel = (expectsTable: boolean): Level => ({ isSelect: false, isInFrom: expectsTable, expectsTable });

/**
 * Returns the names of the tables that a statement reads, each once, without the names that WITH defines. Throws
 * QueryFailure.
 */
export function tableNames(sql: string): readonly string[] {
  const tokens = sqlTokens(sql);
  const names = new Map<string, string>();
  const levels: Level[] = [newLevel(false)];
  tokens.forEach((token, at) => {
    const level = levels.at(-1)!;
    if (isSign(token, "(")) levels.push(newLevel(level.expectsTable));
    else if (isSign(token, ")")) {
      if (levels.length > 1) levels.pop();
      levels.at(-1)!.expectsTable = false;
    } else if (isTable(token, tokens[at + 1], level)) {
      const key = token.text.toLowerCase();
      if (!names.has(key)) names.set(key, token.text);
      level.expectsTable = false;
    } else follow(token, level);
  });
  for (const name of definedNames(tokens)) names.delete(name);
  return [...names.values()];
}

/** Reports whether a token is the name of a table. A name before a parenthesis is a function. */
const isTable = (token: SqlToken, next: SqlToken | undefined, level: Level): boolean =>
  level.expectsTable &&
  (token.kind === "quoted" || (token.kind === "name" && !isWord(token, "SELECT", "WITH", "VALUES", "LATERAL"))) &&
  !isSign(next, "(");

function follow(token: SqlToken, level: Level): void {
  if (isWord(token, "SELECT")) level.isSelect = true;
  if (isWord(token, ...ENDS)) level.isInFrom = level.expectsTable = false;
  // In a call such as EXTRACT(HOUR FROM time), no table follows FROM.
  else if ((isWord(token, "FROM") && level.isSelect) || isWord(token, "JOIN", "STRAIGHT_JOIN"))
    level.isInFrom = level.expectsTable = true;
  else if (isSign(token, ",") && level.isInFrom) level.expectsTable = true;
  else if (token.kind !== "sign") level.expectsTable = false;
}

/** Returns the names that WITH defines, in lower case: a name, perhaps columns in parentheses, then AS and a parenthesis. */
function definedNames(tokens: readonly SqlToken[]): readonly string[] {
  if (!tokens.some((token) => isWord(token, "WITH"))) return [];
  return tokens.flatMap((token, at) => {
    if (token.kind !== "name" && token.kind !== "quoted") return [];
    const before = tokens[at - 1];
    if (!isWord(before, "WITH", "RECURSIVE") && !isSign(before, ",")) return [];
    let next = at + 1;
    if (isSign(tokens[next], "(")) {
      next++;
      // Stops at a parenthesis, because a list of columns contains none. Otherwise the search could read tokens many times.
      while (next < tokens.length && !isSign(tokens[next], ")") && !isSign(tokens[next], "(")) next++;
      next++;
    }
    return isWord(tokens[next], "AS") && isSign(tokens[next + 1], "(") ? [token.text.toLowerCase()] : [];
  });
}
