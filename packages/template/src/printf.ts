import { quote } from "@narthex/model";
import { GoDuration } from "./duration.ts";
import { formatGoFloat } from "./float-format.ts";
import { printGoSyntax, printValue, printWithNames } from "./print.ts";
import { entriesOf, itemsOf, sortedKeys, textOf, TrustedText, typeName, type Value } from "./value.ts";

/** Flags, width and precision in a format, between `%` and the verb. */
interface Directive {
  flags: string;
  width: number | undefined;
  precision: number | undefined;
}

const FLAGS = "#0+- ";

/**
 * Formats values like Go's fmt.Sprintf. A wrong verb or argument is not an error: it is printed as
 * `%!verb(type=value)`.
 */
export function sprintf(format: string, args: readonly Value[]): string {
  return new Printer(format, args).run();
}

class Printer {
  readonly #format: string;
  readonly #args: readonly Value[];
  #at = 0;
  #arg = 0;
  #reordered = false;
  #goodIndex = true;

  constructor(format: string, args: readonly Value[]) {
    this.#format = format;
    this.#args = args;
  }

  run(): string {
    let out = "";
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf("%", this.#at);
      if (percent < 0) {
        out += this.#format.slice(this.#at);
        break;
      }
      out += this.#format.slice(this.#at, percent);
      this.#at = percent + 1;
      out += this.#directive();
    }
    return out + this.#extra();
  }

  #extra(): string {
    if (this.#reordered || this.#arg >= this.#args.length) return "";
    const rest = this.#args
      .slice(this.#arg)
      .map((arg) => (arg === null || arg === undefined ? "<nil>" : `${typeName(arg)}=${printValue(arg)}`));
    return `%!(EXTRA ${rest.join(", ")})`;
  }

  #directive(): string {
    const directive: Directive = { flags: "", width: undefined, precision: undefined };
    this.#goodIndex = true;
    while (FLAGS.includes(this.#format[this.#at] ?? "?")) directive.flags += this.#format[this.#at++];
    let problem = this.#readWidth(directive);
    problem += this.#readPrecision(directive);
    this.#readIndex();
    if (this.#at >= this.#format.length) return `${problem}%!(NOVERB)`;
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at)!);
    this.#at += verb.length;
    if (verb === "%") return `${problem}%`;
    if (!this.#goodIndex) return `${problem}%!${verb}(BADINDEX)`;
    if (this.#arg >= this.#args.length) return `${problem}%!${verb}(MISSING)`;
    return problem + formatVerb(verb, directive, this.#args[this.#arg++]);
  }

  #readWidth(directive: Directive): string {
    this.#readIndex();
    if (this.#format[this.#at] !== "*") {
      directive.width = this.#number();
      return "";
    }
    this.#at++;
    const value = this.#integerArgument();
    if (value === undefined) return "%!(BADWIDTH)";
    if (value < 0) directive.flags += "-";
    directive.width = Math.abs(value);
    return "";
  }

  #readPrecision(directive: Directive): string {
    if (this.#format[this.#at] !== ".") return "";
    this.#at++;
    this.#readIndex();
    if (this.#format[this.#at] !== "*") {
      directive.precision = this.#number() ?? 0;
      return "";
    }
    this.#at++;
    const value = this.#integerArgument();
    if (value === undefined || value < 0) return "%!(BADPREC)";
    directive.precision = value;
    return "";
  }

  #integerArgument(): number | undefined {
    const value = this.#args[this.#arg++];
    return typeof value === "bigint" && value > -1_000_000n && value < 1_000_000n ? Number(value) : undefined;
  }

  #number(): number | undefined {
    const from = this.#at;
    while (/[0-9]/.test(this.#format[this.#at] ?? "")) this.#at++;
    return from === this.#at ? undefined : Math.min(Number(this.#format.slice(from, this.#at)), 1_000_000);
  }

  /** Reads an argument index in a format. For example, `[2]` makes the second argument the next one to format. */
  #readIndex(): void {
    if (this.#format[this.#at] !== "[") return;
    this.#reordered = true;
    const close = this.#format.indexOf("]", this.#at);
    const index = Number(this.#format.slice(this.#at + 1, close));
    this.#at = close < 0 ? this.#at + 1 : close + 1;
    if (close >= 0 && Number.isInteger(index) && index >= 1 && index <= this.#args.length) this.#arg = index - 1;
    else this.#goodIndex = false;
  }
}

function formatVerb(verb: string, directive: Directive, value: Value): string {
  if (verb === "T") return padded(typeName(value), directive);
  if (value === null || value === undefined) {
    return verb === "v" ? padded("<nil>", directive) : `%!${verb}(<nil>)`;
  }
  if (verb === "v" && directive.flags.includes("#")) return printGoSyntax(value);
  const text = textOf(value);
  if (text !== undefined && "vsqxX".includes(verb)) return formatString(verb, directive, text) ?? bad(verb, value);
  if (verb === "v" && directive.flags.includes("+") && typeof value === "object") return printWithNames(value);
  if (verb === "v") directive.flags = directive.flags.replaceAll("+", "");
  return formatScalar(verb, directive, value) ?? formatComposite(verb, directive, value) ?? bad(verb, value);
}

const bad = (verb: string, value: Value): string => `%!${verb}(${typeName(value)}=${printValue(value)})`;

function formatScalar(verb: string, directive: Directive, value: Value): string | undefined {
  switch (typeof value) {
    case "string":
      return formatString(verb, directive, value);
    case "boolean":
      return verb === "t" || verb === "v" ? padded(String(value), directive) : undefined;
    case "bigint":
      return formatInteger(verb, directive, value);
    case "number":
      return formatFloat(verb, directive, value);
  }
  if (value instanceof TrustedText) return formatString(verb, directive, value.text);
  return value instanceof GoDuration ? formatInteger(verb, directive, value.nanoseconds) : undefined;
}

/**
 * Formats each element of a list or map with the verb. An element for which the verb is invalid is printed as an error.
 */
function formatComposite(verb: string, directive: Directive, value: Value): string | undefined {
  const items = itemsOf(value);
  if (items !== undefined) return `[${items.map((item) => formatVerb(verb, directive, item)).join(" ")}]`;
  const entries = entriesOf(value);
  if (entries !== undefined) {
    const inner = sortedKeys(entries).map(
      (key) => `${formatVerb(verb, directive, key)}:${formatVerb(verb, directive, entries.get(key))}`,
    );
    return `map[${inner.join(" ")}]`;
  }
  return typeof value === "object" && (verb === "v" || verb === "s") ? padded(printValue(value), directive) : undefined;
}

function formatString(verb: string, directive: Directive, value: string): string | undefined {
  const cut = directive.precision === undefined ? value : Array.from(value).slice(0, directive.precision).join("");
  switch (verb) {
    case "s":
    case "v":
      return padded(cut, directive);
    case "q":
      return padded(directive.flags.includes("#") && canBackquote(cut) ? `\`${cut}\`` : quote(cut), directive);
    case "x":
    case "X":
      return padded(hexBytes(value, verb, directive), directive);
    default:
      return undefined;
  }
}

const canBackquote = (text: string): boolean => !/[`\u0000-\u0008\u000a-\u001f\u007f\ufeff]/.test(text);

function hexBytes(value: string, verb: string, { flags, precision }: Directive): string {
  const bytes = [...new TextEncoder().encode(value)].slice(0, precision);
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0"));
  const prefix = flags.includes("#") && hex.length > 0 ? "0x" : "";
  const text = flags.includes(" ") ? hex.map((pair) => prefix + pair).join(" ") : prefix + hex.join("");
  return verb === "X" ? text.toUpperCase() : text;
}

const RADIX: Readonly<Record<string, number>> = { b: 2, d: 10, o: 8, O: 8, v: 10, x: 16, X: 16 };
const PREFIX: Readonly<Record<string, string>> = { b: "0b", o: "0", x: "0x", X: "0X" };

function formatInteger(verb: string, directive: Directive, value: bigint): string | undefined {
  const { flags, precision } = directive;
  const char = (): string => (value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : "\ufffd");
  if (verb === "c") return padded(char(), directive);
  if (verb === "q") return padded(`'${quote(char()).slice(1, -1).replace('\\"', '"').replace("'", "\\'")}'`, directive);
  if (verb === "U") {
    const hex = `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
    return padded(flags.includes("#") ? `${hex} '${char()}'` : hex, directive);
  }
  const radix = RADIX[verb];
  if (radix === undefined) return undefined;
  let digits = (value < 0n ? -value : value).toString(radix);
  if (verb === "X") digits = digits.toUpperCase();
  if (precision !== undefined) digits = precision === 0 && value === 0n ? "" : digits.padStart(precision, "0");
  const prefix = verb === "O" ? "0o" : flags.includes("#") ? (PREFIX[verb] ?? "") : "";
  return signed(value < 0n, prefix + digits, directive, precision === undefined);
}

function formatFloat(verb: string, directive: Directive, value: number): string | undefined {
  const format = verb === "v" ? "g" : verb.toLowerCase();
  if (format !== "e" && format !== "f" && format !== "g") return undefined;
  const precision = directive.precision ?? (format === "g" ? -1 : 6);
  let text = formatGoFloat(value, format, precision);
  if (verb === "E" || verb === "G") text = text.toUpperCase().replace("INF", "Inf").replace("NAN", "NaN");
  const negative = text.startsWith("-");
  return signed(negative, text.replace(/^[+-]/, ""), withInfinitySign(directive, value), Number.isFinite(value));
}

/** Adds the flag `+` for +Inf, because Go always prints its sign. */
const withInfinitySign = (directive: Directive, value: number): Directive =>
  value === Infinity && !directive.flags.includes(" ") ? { ...directive, flags: `${directive.flags}+` } : directive;

/** Adds sign and padding to a number. Zeros are inserted between the sign and the digits. */
function signed(negative: boolean, body: string, directive: Directive, zeros: boolean): string {
  const { flags, width } = directive;
  const sign = negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  if (zeros && flags.includes("0") && !flags.includes("-") && width !== undefined) {
    return sign + body.padStart(width - sign.length, "0");
  }
  return padded(sign + body, { ...directive, flags: flags.replace("0", "") });
}

/** Pads a text to a width in code points. */
function padded(text: string, { flags, width }: Directive): string {
  const missing = (width ?? 0) - Array.from(text).length;
  if (missing <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missing);
  return (flags.includes("0") ? "0" : " ").repeat(missing) + text;
}
