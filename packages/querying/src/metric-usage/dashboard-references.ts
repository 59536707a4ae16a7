import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { compilePattern, literalPattern, Matcher, METRIC_NAME } from "@narthex/model";
import { exactReference, type MetricReference, testReference } from "./metric-references.ts";
import { messageOf } from "../errors/error-message.ts";

/** Largest size in bytes of a file that is read as a dashboard. */
const MAX_BYTES = 16 * 1024 * 1024;
/**
 * Largest number of problems in the report. The next constant is the largest length of an expression in a problem, in
 * characters.
 */
const MAX_PROBLEMS = 20;
const MAX_SHOWN = 200;
/** Keys in a dashboard file whose values are PromQL, in panels, variables and annotations. */
const EXPRESSIONS: ReadonlySet<string> = new Set(["expr", "query", "definition", "expression"]);
const WORD =
  /(?:[\p{L}_:][\p{L}\p{N}_:.]*|\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+\]\])(?:[\p{L}\p{N}_:.]+|\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+\]\])*/gu;
const QUOTE = /["'`]/gu;
const NAME_TEST = /__name__\s*=~\s*(?=["'`])/gu;
/** Regular expressions for quoted texts, by the opening quote. */
const STRINGS: Readonly<Record<string, RegExp>> = {
  '"': /"((?:[^"\\]|\\.)*)"/uy,
  "'": /'((?:[^'\\]|\\.)*)'/uy,
  "`": /`([^`]*)`/uy,
};
/** Matches a dashboard variable: `$name`, `${name}`, `${name:format}` or `[[name]]`. */
const VARIABLE = /\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+\]\]/gu;
/** Matches a dashboard variable in place of a metric name. */
const VARIABLE_NAME = /(?:^|[\s(,+*/%^-])(?:\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+\]\])\s*(?:\{|\[\s*[\d$])/u;

export interface DashboardReferences {
  readonly files: number;
  readonly references: ReadonlySet<MetricReference>;
  /** Whether all folders and files could be read. */
  readonly complete: boolean;
  /** Sentences about files or expressions that could not be analysed. */
  readonly problems: readonly string[];
}

/**
 * Finds the metrics that dashboards use (*.json in folders and subfolders). Expressions contain variables and are not
 * valid PromQL, so every word that could be a metric name counts as used. A metric that is wrongly reported as used
 * does less harm than one that is wrongly reported as unused.
 */
export async function dashboardReferences(
  folders: readonly string[],
  yieldToEventLoop: () => Promise<void> | undefined,
): Promise<DashboardReferences> {
  const references = new Set<MetricReference>();
  const problems: string[] = [];
  const unreadable: string[] = [];
  let files = 0;
  for (const folder of folders) {
    for (const path of await filesIn(folder, unreadable)) {
      const texts = await expressionsIn(path, unreadable);
      files++;
      for (const text of texts ?? []) {
        noteReferences(text, references);
        if (VARIABLE_NAME.test(text)) problems.push(`${path}: a variable stands for a metric's name in ${shown(text)}`);
      }
      await yieldToEventLoop();
    }
  }
  const complete = unreadable.length === 0;
  for (const item of unreadable) problems.push(item);
  const more = problems.length - MAX_PROBLEMS;
  if (more > 0) problems.splice(MAX_PROBLEMS, more, `${more} more problems of dashboards`);
  return { files, references, complete, problems };
}

const shown = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/** Returns the readable dashboard files in a folder and its subfolders. */
async function filesIn(folder: string, problems: string[]): Promise<readonly string[]> {
  const paths = new Set<string>();
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const entries = await unlessUnreadable(at, problems, readdir(at, { withFileTypes: true }));
    for (const entry of entries ?? []) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.name.endsWith(".json")) {
        // Resolves links, because a mounted volume may contain a file both directly and as a link.
        const real = await unlessUnreadable(path, problems, realpath(path));
        if (real !== undefined) paths.add(real);
      }
    }
  }
  return [...paths].sort();
}

async function unlessUnreadable<T>(path: string, problems: string[], read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    problems.push(`${path}: ${messageOf(error)}`);
    return undefined;
  }
}

const expressionsIn = (path: string, problems: string[]): Promise<readonly string[] | undefined> =>
  unlessUnreadable(path, problems, readExpressions(path));

async function readExpressions(path: string): Promise<readonly string[]> {
  if ((await stat(path)).size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
  const found: string[] = [];
  gather(JSON.parse(await readFile(path, "utf8")), found);
  return found;
}

function gather(value: unknown, into: string[]): void {
  if (Array.isArray(value)) for (const one of value) gather(one, into);
  else if (typeof value === "object" && value !== null)
    for (const [name, one] of Object.entries(value)) {
      if (typeof one === "string" && EXPRESSIONS.has(name)) into.push(one);
      else gather(one, into);
    }
}

/** Adds every word of a text that may be a metric name, and every matcher of metric names, to `into`. */
export function noteReferences(text: string, into: Set<MetricReference>): void {
  for (const [word] of text.matchAll(WORD)) noteWord(word, into);
  for (const quoted of stringsIn(text, QUOTE, (at) => at)) noteWord(quoted, into);
  for (const tested of stringsIn(text, NAME_TEST, (_at, end) => end)) notePattern(tested, into);
}

/**
 * Yields the quoted texts that begin at `places`. If a text has no closing quote, stops searching texts with this kind
 * of quote, so that each character is read only a few times.
 */
function* stringsIn(
  text: string,
  places: RegExp,
  openingOf: (at: number, end: number) => number,
): Generator<string, void> {
  const unended = new Set<string>();
  places.lastIndex = 0;
  for (let place = places.exec(text); place !== null; place = places.exec(text)) {
    const opening = openingOf(place.index, places.lastIndex);
    const quote = text[opening]!;
    if (unended.has(quote)) continue;
    const string = STRINGS[quote]!;
    string.lastIndex = opening;
    const found = string.exec(text);
    if (found === null) {
      unended.add(quote);
      continue;
    }
    places.lastIndex = opening + found[0].length;
    yield found[1]!;
  }
}

/**
 * Adds a word as a metric name. If the word contains dashboard variables, adds a pattern for all names that it may
 * become.
 */
function noteWord(word: string, into: Set<MetricReference>): void {
  const parts = word.split(VARIABLE);
  if (parts.length === 1) into.add(exactReference(word));
  else if (parts.some((part) => /[\p{L}\p{N}]/u.test(part))) notePattern(parts.map(literalPattern).join(".*"), into);
}

function notePattern(pattern: string, into: Set<MetricReference>): void {
  const source = pattern.replaceAll(VARIABLE, ".*");
  try {
    compilePattern(source);
    into.add(testReference([new Matcher("=~", METRIC_NAME, source)]));
  } catch {
    // Adds no metric for an invalid pattern, because a query with this pattern selects nothing.
  }
}
