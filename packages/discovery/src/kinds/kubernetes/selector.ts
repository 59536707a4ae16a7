import { compareBytewise, quote } from "@narthex/model";

/**
 * Returns the error that the API server would report for a field selector, or undefined if it is valid. The text is
 * that of Kubernetes' own parser. Example: `metadata.name=a,status.phase!=b`. In values, `\`, `,` and `=` are escaped
 * with `\`.
 */
export function fieldSelectorFault(selector: string): string | undefined {
  const terms = selector.match(/(?:\\[^]?|[^\\,])+/g) ?? [];
  for (const term of terms.toSorted(compareBytewise)) {
    const value = /^[^=!]*(?:!(?!=)[^=!]*)*(?:!=|==?)([^]*)$/.exec(term)?.[1];
    if (value === undefined) return `invalid selector: '${selector}'; can't understand '${term}'`;
    const fault = valueFault(value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function valueFault(value: string): string | undefined {
  const wrong = /^(?:[^\\=]|\\[\\,=])*(\\(?![\\,=])[^]?|=)/u.exec(value)?.[1];
  if (wrong === undefined) return undefined;
  if (wrong === "=") return `invalid field selector: unescaped character in value: ${wrong.charCodeAt(0)}`;
  return `invalid field selector: invalid escape sequence: ${wrong}`;
}

type TokenKind = "word" | "end" | "bad" | ")" | "(" | "," | "!" | "=" | "==" | "!=" | ">" | "<" | "in" | "notin";

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/**
 * Splits a selector into tokens: `!=`, `==`, words, and other single characters. `in` and `notin` are operators only
 * after a key.
 */
function tokens(selector: string): Token[] {
  const found: Token[] = [];
  for (const [text] of selector.matchAll(/==|!=|[=!(),><]|[^=!(),>< \t\r\n]+/g)) {
    const isSign = /^[=!(),><]/.test(text) || text === "in" || text === "notin";
    found.push({ kind: isSign ? (text as TokenKind) : "word", text });
  }
  found.push({ kind: "end", text: "" });
  return found;
}

class SelectorFault extends Error {}

const OPERATORS = ["in", "notin", "=", "==", "!=", "gt", "lt"] as const;

/**
 * Returns the error that the API server would report for a label selector (`app=a,tier in (b, c),!d`), or undefined if
 * it is valid. The text is that of Kubernetes' own parser.
 */
export function labelSelectorFault(selector: string): string | undefined {
  try {
    new LabelSelectorReader(tokens(selector)).read();
    return undefined;
  } catch (error) {
    if (error instanceof SelectorFault) return error.message;
    throw error;
  }
}

class LabelSelectorReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(all: readonly Token[]) {
    this.#tokens = all;
  }

  read(): void {
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind === "end") return;
      if (kind !== "word" && kind !== "!")
        throw new SelectorFault(`found '${text}', expected: !, identifier, or 'end of string'`);
      this.#requirement();
      const next = this.#take();
      if (next.kind === "end") return;
      if (next.kind !== ",") throw new SelectorFault(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.kind !== "word" && after.kind !== "!")
        throw new SelectorFault(`found '${after.text}', expected: identifier after ','`);
    }
  }

  #requirement(): void {
    try {
      const negated = this.#peek().kind === "!";
      if (negated) this.#take();
      const key = this.#take();
      if (key.kind !== "word") throw new SelectorFault(`found '${key.text}', expected: identifier`);
      checkKey(key.text);
      const follows = this.#peek().kind;
      if (negated || follows === "end" || follows === ",") return;
      this.#values(key.text);
    } catch (error) {
      if (!(error instanceof SelectorFault)) throw error;
      throw new SelectorFault(`unable to parse requirement: ${error.message}`);
    }
  }

  #values(key: string): void {
    const operator = this.#tokens[this.#at++]!;
    const isSet = operator.kind === "in" || operator.kind === "notin";
    if (!isSet && !["=", "==", "!=", ">", "<"].includes(operator.kind))
      throw new SelectorFault(`found '${operator.text}', expected: ${OPERATORS.join(", ")}`);
    const values = isSet ? this.#set() : [this.#exact()];
    const faults: string[] = [];
    [...new Set(values)].toSorted(compareBytewise).forEach((value, index) => {
      if ((operator.kind === ">" || operator.kind === "<") && !isInteger(value)) {
        const why = "for 'Gt', 'Lt' operators, the value must be an integer";
        faults.push(`values[${index}]: Invalid value: ${quote(value)}: ${why}`);
      }
    });
    [...new Set(values)].toSorted(compareBytewise).forEach((value, index) => {
      const why = labelValueFaults(value);
      if (why !== "") faults.push(`values[${index}][${key}]: Invalid value: ${quote(value)}: ${why}`);
    });
    if (faults.length > 0) throw new SelectorFault(faults.length === 1 ? faults[0]! : `[${faults.join(", ")}]`);
  }

  #exact(): string {
    const { kind } = this.#peek();
    if (kind === "end" || kind === ",") return "";
    const value = this.#take();
    if (value.kind !== "word") throw new SelectorFault(`found '${value.text}', expected: identifier`);
    return value.text;
  }

  /** Parses the values of `in` and `notin`, such as `(a, b)`. A missing value next to a comma is an empty value. */
  #set(): string[] {
    const open = this.#take();
    if (open.kind !== "(") throw new SelectorFault(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind === ")") {
      this.#take();
      return [""];
    }
    if (first.kind !== "word" && first.kind !== ",")
      throw new SelectorFault(`found '${first.text}', expected: ',', ')' or identifier`);
    const values: string[] = [];
    for (;;) {
      const token = this.#take();
      const next = this.#peek();
      if (token.kind === "word") {
        values.push(token.text);
        if (next.kind !== "," && next.kind !== ")")
          throw new SelectorFault(`found '${next.text}', expected: ',' or ')'`);
      } else if (token.kind === ",") {
        if (values.length === 0 || next.kind === ")" || next.kind === ",") values.push("");
      } else {
        throw new SelectorFault(`found '${token.text}', expected: ',', or identifier`);
      }
      if (next.kind !== ")") continue;
      this.#take();
      return values;
    }
  }

  /**
   * Returns the next token without consuming it. If a key or value is expected, `in` and `notin` are ordinary words.
   */
  #peek(): Token {
    const token = this.#tokens[this.#at] ?? { kind: "end", text: "" };
    return token.kind === "in" || token.kind === "notin" ? { kind: "word", text: token.text } : token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

const isInteger = (text: string): boolean => /^[+-]?\d{1,18}$/.test(text);

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const WORD_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const NAME_EXAMPLES =
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_EXAMPLES =
  "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/** Checks a key of the form `[prefix/]name`; the prefix must be a DNS subdomain. */
function checkKey(key: string): void {
  const parts = key.split("/");
  const faults: string[] = [];
  if (parts.length > 2) {
    const end = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    faults.push(`a valid label key ${WORD_RULE} ${NAME_EXAMPLES} ${end}`);
  } else {
    const name = parts.at(-1)!;
    if (parts.length === 2) for (const item of prefixFaults(parts[0]!)) faults.push(item);
    if (name === "") faults.push("name part must be non-empty");
    else if (name.length > 63) faults.push("name part must be no more than 63 bytes");
    if (!NAME.test(name)) faults.push(`name part ${WORD_RULE} ${NAME_EXAMPLES}`);
  }
  if (faults.length > 0) throw new SelectorFault(`<nil>: Invalid value: ${quote(key)}: ${faults.join("; ")}`);
}

function prefixFaults(prefix: string): string[] {
  if (prefix === "") return ["prefix part must be non-empty"];
  const faults: string[] = [];
  if (prefix.length > 253) faults.push("prefix part must be no more than 253 bytes");
  if (!SUBDOMAIN.test(prefix)) faults.push(`prefix part ${SUBDOMAIN_RULE}`);
  return faults;
}

function labelValueFaults(value: string): string {
  const faults: string[] = [];
  if (value.length > 63) faults.push("must be no more than 63 bytes");
  if (value !== "" && !NAME.test(value)) {
    faults.push(
      `a valid label must be an empty string or consist of${WORD_RULE.slice("must consist of".length)} ${VALUE_EXAMPLES}`,
    );
  }
  return faults.join("; ");
}
