/**
 * A command-line flag in the style of Prometheus: `--name=value`, `--name value`, `--bool`, `--no-bool`, repeated
 * flags, and `@file` for more arguments. A program's table of flags is the source of its help and its docs page.
 */
export interface Flag<T> {
  readonly default: T;
  /** Description for --help, one sentence. */
  readonly help: string;
  /**
   * Parses one value. Throws FlagError with Prometheus' message if the value is invalid; `previous` is undefined for
   * the first occurrence of the flag.
   */
  read(text: string, previous: T | undefined): T;
  /** True if the flag has no value. `--no-name` switches it off. */
  readonly boolean: boolean;
  readonly repeatable: boolean;
  /** Formats a value for --help and for the flags API. */
  print(value: T): string;
  readonly hidden?: boolean;
  readonly short?: string;
  /** Warning that is logged if the flag is given, because its feature is not in this build. */
  readonly notBuilt?: string;
}

export class FlagError extends Error {
  override readonly name = "FlagError";
}

export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<F> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

export interface ParsedFlags<F> {
  readonly values: FlagValues<F>;
  /** Names of the flags that are among the arguments. */
  readonly given: ReadonlySet<string>;
  /** Arguments that are not flags, in order. */
  readonly operands: readonly string[];
  /** A warning for each given flag whose feature is not built. */
  readonly warnings: readonly string[];
}

export type FlagsOutcome<F> =
  | { readonly kind: "parsed"; readonly flags: ParsedFlags<F> }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "error"; readonly message: string; readonly suggestion: string | undefined };

export interface ParseOptions {
  /** Returns the content of the file of an `@file` argument. Throws if it cannot be read. */
  readonly readArgumentFile?: (path: string) => string;
  /** True if arguments that are not flags are allowed. Default: false. */
  readonly operands?: boolean;
}

interface Scan<F extends FlagTable> {
  readonly table: F;
  readonly values: Map<string, unknown>;
  readonly operands: string[];
  queue: string[];
}

/**
 * Parses arguments with a table of flags. --help and --version have precedence over everything except earlier errors.
 */
export function parseFlags<F extends FlagTable>(
  table: F,
  args: readonly string[],
  options: ParseOptions = {},
): FlagsOutcome<F> {
  const scan: Scan<F> = { table, values: new Map(), operands: [], queue: [...args] };
  try {
    for (let word = scan.queue.shift(); word !== undefined; word = scan.queue.shift()) {
      if (word === "--help" || word === "-h" || word === "--help-long" || word === "--help-man")
        return { kind: "help" };
      if (word === "--version") return { kind: "version" };
      if (word === "--") for (const item of scan.queue.splice(0)) scan.operands.push(item);
      else if (word.startsWith("@") && options.readArgumentFile)
        scan.queue = [...argumentsIn(word.slice(1), options.readArgumentFile), ...scan.queue];
      else if (word.startsWith("--")) takeLong(scan, word);
      else if (word.startsWith("-") && word.length > 1) takeShort(scan, word);
      else scan.operands.push(word);
    }
    if (options.operands !== true && scan.operands.length > 0) throw new FlagError(`unexpected ${scan.operands[0]!}`);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    return { kind: "error", message: error.message, suggestion: suggestionFor(table, error.message) };
  }
  return { kind: "parsed", flags: finish(scan) };
}

const argumentsIn = (path: string, read: (path: string) => string): string[] => {
  try {
    return read(path)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
  } catch (error) {
    throw new FlagError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

function takeLong<F extends FlagTable>(scan: Scan<F>, word: string): void {
  const equals = word.indexOf("=");
  const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
  const inline = equals === -1 ? undefined : word.slice(equals + 1);
  const flag = Object.hasOwn(scan.table, name) ? scan.table[name]! : undefined;
  if (flag === undefined) {
    const positive = name.startsWith("no-") ? name.slice(3) : "";
    if (!Object.hasOwn(scan.table, positive) || !scan.table[positive]!.boolean)
      throw new FlagError(`unknown long flag '--${name}'`);
    if (inline !== undefined) throw new FlagError(`unexpected value for flag '--${name}'`);
    scan.values.set(positive, scan.table[positive]!.read("false", undefined));
    return;
  }
  take(scan, name, flag, inline, `--${name}`);
}

function takeShort<F extends FlagTable>(scan: Scan<F>, word: string): void {
  const letter = word[1]!;
  const found = Object.entries(scan.table).find(([, flag]) => flag.short === letter);
  if (found === undefined) throw new FlagError(`unknown short flag '-${letter}'`);
  const rest = word.slice(2).replace(/^=/, "");
  if (found[1].boolean && rest !== "") scan.queue.unshift(`-${rest}`);
  take(scan, found[0], found[1], found[1].boolean || rest === "" ? undefined : rest, `-${letter}`);
}

function take<F extends FlagTable>(
  scan: Scan<F>,
  name: string,
  flag: Flag<unknown>,
  inline: string | undefined,
  shown: string,
): void {
  let text = inline;
  if (text === undefined) text = flag.boolean ? "true" : scan.queue.shift();
  if (text === undefined) throw new FlagError(`expected argument for flag '${shown}'`);
  if (!flag.repeatable && !flag.boolean && scan.values.has(name))
    throw new FlagError(`flag '${name}' cannot be repeated`);
  scan.values.set(name, flag.read(text, scan.values.get(name)));
}

function finish<F extends FlagTable>(scan: Scan<F>): ParsedFlags<F> {
  const values: Record<string, unknown> = {};
  const warnings: string[] = [];
  for (const [name, flag] of Object.entries(scan.table)) {
    values[name] = scan.values.has(name) ? scan.values.get(name) : flag.default;
    if (flag.notBuilt !== undefined && scan.values.has(name)) warnings.push(`--${name}: ${flag.notBuilt}`);
  }
  return { values: values as FlagValues<F>, given: new Set(scan.values.keys()), operands: scan.operands, warnings };
}

function suggestionFor(table: FlagTable, message: string): string | undefined {
  const wrong = /^unknown long flag '--(.*)'$/.exec(message)?.[1];
  if (wrong === undefined) return undefined;
  const names = Object.entries(table).flatMap(([name, flag]) => (flag.boolean ? [name, `no-${name}`] : [name]));
  const near = names.map((name) => ({ name, cost: editDistance(wrong, name) })).sort((a, b) => a.cost - b.cost)[0];
  return near !== undefined && near.cost <= Math.max(2, wrong.length / 3)
    ? `did you mean '--${near.name}'?`
    : undefined;
}

/** Returns the Levenshtein distance of two flag names, which are short. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
