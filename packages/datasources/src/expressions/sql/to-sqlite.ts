import { QueryFailure } from "../../query-failure.ts";
import { closingIndex, isSign, isWord, type SqlToken, sqlTokens } from "./sql-tokens.ts";

/** Division of MySQL never rounds. The marker is removed from the names of columns. */
const DIVISION = "*1.0/";

/** Units of intervals. */
const UNITS = [
  ..."MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR".split(" "),
  ..."DAYOFMONTH DAYOFWEEK DAYOFYEAR".split(" "),
] as const;

/** Functions that return a value of a type of CAST, by the first word of the type. */
const CASTS: Readonly<Record<string, string>> = {
  SIGNED: "mysql_signed",
  UNSIGNED: "mysql_signed",
  INTEGER: "mysql_signed",
  INT: "mysql_signed",
  CHAR: "mysql_char",
  NCHAR: "mysql_char",
  DOUBLE: "mysql_double",
  FLOAT: "mysql_double",
  REAL: "mysql_double",
  DECIMAL: "mysql_double",
  DATE: "DATE",
  DATETIME: "TIMESTAMP",
  TIMESTAMP: "TIMESTAMP",
  TIME: "TIME",
};

/** Words that begin a statement which reads. */
const STATEMENTS = ["SELECT", "WITH", "VALUES"] as const;

const name = (text: string, isSpaced = true): SqlToken => ({ kind: "name", text, isSpaced });
const string = (text: string): SqlToken => ({ kind: "string", text, isSpaced: true });
const sign = (text: string): SqlToken => ({ kind: "sign", text, isSpaced: false });
const refused = (message: string): QueryFailure => new QueryFailure(400, message);

/** Translates a statement of MySQL to SQLite. Throws QueryFailure for what SQLite has no equivalent of. */
export function toSqlite(sql: string): string {
  const tokens = [...sqlTokens(sql)];
  while (isSign(tokens.at(-1), ";")) tokens.pop();
  const first = tokens.find((token) => !isSign(token, "("));
  if (first === undefined) throw refused("the expression has no statement; write SELECT * FROM A");
  if (!isWord(first, ...STATEMENTS))
    throw refused(
      `the statement begins with "${first.text.slice(0, 30)}"; a SQL expression begins with SELECT or WITH`,
    );
  // From the end, so that inner calls are translated before the calls that contain them.
  for (let at = tokens.length - 1; at >= 0; at--) if (isSign(tokens[at + 1], "(")) translateCall(tokens, at);
  return tokens.map((token, at) => written(token, tokens[at - 1], tokens[at + 1])).join("");
}

/** Functions whose arguments have a syntax of their own. */
const SPECIAL: readonly string[] = [
  ..."CAST CONVERT EXTRACT TIMESTAMPDIFF TIMESTAMPADD POSITION MID SUBSTRING SUBSTR".split(" "),
  ..."DATE_ADD DATE_SUB ADDDATE SUBDATE GROUP_CONCAT".split(" "),
];

/** Replaces the arguments of calls that have a syntax of their own. */
function translateCall(tokens: SqlToken[], at: number): void {
  const call = tokens[at]!;
  if (!isWord(call, ...SPECIAL)) return;
  const close = closingIndex(tokens, at + 1);
  const separators = separatorsIn(tokens, at + 1, close);
  switch (call.text.toUpperCase()) {
    case "CAST":
      return translateCast(tokens, at, separators.findLast((one) => isWord(tokens[one], "AS")) ?? close, close);
    case "CONVERT":
      return translateCast(tokens, at, separators.find((one) => isSign(tokens[one], ",")) ?? close, close);
    case "EXTRACT":
      return translateExtract(tokens, at, separators);
    case "TIMESTAMPDIFF":
    case "TIMESTAMPADD":
      if (isWord(tokens[at + 2], ...UNITS)) tokens[at + 2] = string(tokens[at + 2]!.text.toUpperCase());
      return;
    case "POSITION":
      tokens[at] = name("LOCATE", call.isSpaced);
      for (const one of separators) if (isWord(tokens[one], "IN")) tokens[one] = sign(",");
      return;
    case "MID":
      tokens[at] = name("SUBSTRING", call.isSpaced);
      return;
    case "SUBSTRING":
    case "SUBSTR":
      for (const one of separators) if (isWord(tokens[one], "FROM", "FOR")) tokens[one] = sign(",");
      return;
    case "DATE_ADD":
    case "DATE_SUB":
    case "ADDDATE":
    case "SUBDATE":
      return translateInterval(tokens, separators, close);
    case "GROUP_CONCAT":
      return translateConcat(tokens, at, separators, close);
  }
}

/** Returns the indexes of the commas and words of a call that are not in inner parentheses. */
function separatorsIn(tokens: readonly SqlToken[], open: number, close: number): readonly number[] {
  const found: number[] = [];
  let depth = 0;
  for (let at = open + 1; at < close; at++) {
    const token = tokens[at]!;
    if (isSign(token, "(")) depth++;
    else if (isSign(token, ")")) depth--;
    else if (depth === 0 && (token.kind === "name" || isSign(token, ","))) found.push(at);
  }
  return found;
}

/** `CAST(x AS CHAR(10))` and `CONVERT(x, CHAR)` become a call of a function for the type. */
function translateCast(tokens: SqlToken[], at: number, separator: number, close: number): void {
  const type = tokens[separator + 1]?.text.toUpperCase() ?? "";
  const cast = separator < close && Object.hasOwn(CASTS, type) ? CASTS[type] : undefined;
  if (cast === undefined)
    throw refused(
      `${tokens[at]!.text.toUpperCase()} to "${type}" is not available; types are ${Object.keys(CASTS).join(", ")}`,
    );
  tokens.splice(separator, close - separator);
  tokens[at] = name(cast);
}

/** `EXTRACT(HOUR FROM time)` becomes `HOUR(time)`. */
function translateExtract(tokens: SqlToken[], at: number, separators: readonly number[]): void {
  const unit = tokens[at + 2];
  const from = separators[1];
  if (!isWord(unit, ...UNITS) || from !== at + 3 || !isWord(tokens[from], "FROM"))
    throw refused(`EXTRACT needs a unit and FROM, such as EXTRACT(HOUR FROM time); units are ${UNITS.join(", ")}`);
  tokens[at] = name(unit!.text);
  tokens.splice(at + 2, 2);
}

/** `INTERVAL 5 MINUTE` becomes the two arguments `5, 'MINUTE'`. */
function translateInterval(tokens: SqlToken[], separators: readonly number[], close: number): void {
  const interval = separators.find((at) => isWord(tokens[at], "INTERVAL"));
  if (interval === undefined) return;
  const unit = close - 1;
  if (!isWord(tokens[unit], ...UNITS))
    throw refused(`INTERVAL needs a number and a unit, such as INTERVAL 5 MINUTE; units are ${UNITS.join(", ")}`);
  tokens.splice(unit, 1, sign(","), string(tokens[unit]!.text.toUpperCase()));
  tokens.splice(interval, 1);
}

/** Moves the text after SEPARATOR to the second argument, where SQLite expects it. */
function translateConcat(tokens: SqlToken[], at: number, separators: readonly number[], close: number): void {
  const separator = separators.find((one) => isWord(tokens[one], "SEPARATOR"));
  const order = separators.find((one) => isWord(tokens[one], "ORDER"));
  const isDistinct = isWord(tokens[at + 2], "DISTINCT");
  if (separator === undefined) return;
  if (isDistinct)
    throw refused("GROUP_CONCAT with DISTINCT and SEPARATOR is not available; select the distinct rows in a subquery");
  const [, text] = tokens.splice(separator, close - separator);
  tokens.splice(order ?? separator, 0, sign(","), text ?? string(","));
}

/** Returns the text of a token for SQLite. */
function written(token: SqlToken, before: SqlToken | undefined, after: SqlToken | undefined): string {
  // Two minus signs would begin a comment.
  const space = token.isSpaced || (isSign(token, "-") && isSign(before, "-")) ? " " : "";
  return space + textOf(token, before, after);
}

function textOf(token: SqlToken, before: SqlToken | undefined, after: SqlToken | undefined): string {
  const { kind, text } = token;
  if (kind === "quoted") return `"${text.replaceAll('"', '""')}"`;
  if (kind === "string") {
    const literal = `'${text.replaceAll("'", "''")}'`;
    // In MySQL, a backslash is the escape character of LIKE.
    return isWord(before, "LIKE") && text.includes("\\") ? `${literal} ESCAPE '\\'` : literal;
  }
  if (kind === "name") return wordOf(token, after);
  return kind === "sign" ? signOf(text) : text;
}

function wordOf(token: SqlToken, after: SqlToken | undefined): string {
  switch (token.text.toUpperCase()) {
    case "RLIKE":
      return "REGEXP";
    case "DATE":
    case "TIMESTAMP":
      // DATE '2024-01-31' is a text.
      return after?.kind === "string" ? "" : token.text;
    case "DIV":
      throw refused("the operator DIV is not available; write FLOOR(a / b)");
    case "XOR":
      throw refused("the operator XOR is not available; write a <> b");
    case "INTERVAL":
      throw refused("INTERVAL is available only in DATE_ADD and DATE_SUB: write DATE_ADD(time, INTERVAL 5 MINUTE)");
    default:
      return token.text;
  }
}

function signOf(text: string): string {
  switch (text) {
    case "/":
      return DIVISION;
    case "&&":
      return " AND ";
    case "||":
      return " OR ";
    case "<=>":
      return " IS ";
    case ";":
      throw refused("a SQL expression is one statement; remove the semicolon and what follows");
    case "$":
    case "?":
    case ":":
    case "@":
    case ":=":
      throw refused(`the statement contains "${text}"; a variable of the dashboard without a value may be the reason`);
    default:
      return text;
  }
}

/** Returns the name of a column as it was written before the translation. */
export const columnName = (written: string): string => written.replaceAll(DIVISION, "/");
