import { quote } from "@narthex/model";
import { tokenize } from "./lexer.ts";
import { parseNumber, unquoteRune, unquoteString } from "./literal.ts";
import { TemplateError } from "./problem.ts";
import type { Branch, Command, Definition, Operand, Pipeline, Statement } from "./syntax.ts";
import { printNode } from "./syntax.ts";
import { describeToken, type Token, type TokenKind } from "./token.ts";

export interface ParseOptions {
  readonly delims?: readonly [string, string];
  hasFunction(name: string): boolean;
}

/** Action that ends a list of statements. */
type Closing = "{{else}}" | "{{end}}";

/**
 * Parses a text into template definitions. The first one is everything outside of `{{define}}`. Throws TemplateError.
 */
export function parseDefinitions(name: string, text: string, options: ParseOptions): Definition[] {
  return new Parser(name, text, options).parse();
}

const STARTS_COMMAND: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "bool",
  "dot",
  "field",
  "identifier",
  "leftParen",
  "nil",
  "number",
  "rawString",
  "rune",
  "string",
  "variable",
]);

class Parser {
  readonly #name: string;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #hasFunction: (name: string) => boolean;
  readonly #definitions: Definition[] = [];
  #next = 0;
  #variables: string[] = ["$"];
  #rangeDepth = 0;
  #actionLine = 0;

  constructor(name: string, text: string, options: ParseOptions) {
    this.#name = name;
    this.#text = text;
    this.#tokens = tokenize(text, options.delims);
    this.#hasFunction = (candidate) => options.hasFunction(candidate);
  }

  parse(): Definition[] {
    const body: Statement[] = [];
    while (this.#peek().kind !== "eof") {
      if (this.#startsDefinition()) this.#definition();
      else {
        const statement = this.#statement();
        if (typeof statement === "string") this.#fail(`unexpected ${statement}`);
        body.push(statement);
      }
    }
    return [this.#define(this.#name, body), ...this.#definitions];
  }

  #define(name: string, body: readonly Statement[]): Definition {
    return { name, source: this.#name, text: this.#text, body };
  }

  #startsDefinition(): boolean {
    if (this.#peek().kind !== "leftDelim") return false;
    let ahead = this.#next + 1;
    while (this.#tokens[ahead]?.kind === "space") ahead++;
    const token = this.#tokens[ahead];
    if (token?.kind !== "keyword" || token.text !== "define") return false;
    this.#next = ahead + 1;
    return true;
  }

  #definition(): void {
    const name = this.#templateName("define clause");
    this.#expect("rightDelim", "define clause");
    const variables = this.#variables;
    this.#variables = ["$"];
    const [body, closing] = this.#list();
    if (closing !== "{{end}}") this.#fail(`unexpected ${closing} in define clause`);
    this.#variables = variables;
    this.#definitions.push(this.#define(name, body));
  }

  #list(): [Statement[], Closing] {
    const body: Statement[] = [];
    while (this.#peekItem().kind !== "eof") {
      const statement = this.#statement();
      if (typeof statement === "string") return [body, statement];
      body.push(statement);
    }
    this.#fail("unexpected EOF");
  }

  #statement(): Statement | Closing {
    const token = this.#takeItem();
    if (token.kind === "text") return { kind: "text", at: token.at, text: token.text };
    if (token.kind !== "leftDelim") this.#unexpected(token, "input");
    this.#actionLine = token.line;
    return this.#action();
  }

  #action(): Statement | Closing {
    const token = this.#peekItem();
    if (token.kind === "keyword") {
      this.#takeItem();
      switch (token.text) {
        case "block":
          return this.#block(token);
        case "break":
        case "continue":
          return this.#jump(token.text, token);
        case "else":
          return this.#else();
        case "end":
          this.#expect("rightDelim", "end");
          return "{{end}}";
        case "if":
        case "range":
        case "with":
          return this.#control(token.text);
        case "template":
          return this.#template(token);
      }
      this.#next--;
    }
    const first = this.#peek();
    return { kind: "action", at: first.at, pipeline: this.#pipeline("command", "rightDelim") };
  }

  #jump(kind: "break" | "continue", { at }: Token): Statement {
    const token = this.#takeItem();
    if (token.kind !== "rightDelim") this.#unexpected(token, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind, at };
  }

  #else(): Closing {
    const token = this.#peekItem();
    if (token.kind === "keyword" && (token.text === "if" || token.text === "with")) return "{{else}}";
    this.#expect("rightDelim", "else");
    return "{{else}}";
  }

  #control(kind: Branch["kind"]): Branch {
    const scope = this.#variables.length;
    const pipeline = this.#pipeline(kind, "rightDelim");
    if (kind === "range") this.#rangeDepth++;
    const [body, closing] = this.#list();
    if (kind === "range") this.#rangeDepth--;
    const otherwise = closing === "{{else}}" ? this.#otherwise(kind) : undefined;
    this.#variables.length = scope;
    return { kind, at: pipeline.at, pipeline, body, otherwise };
  }

  /**
   * Parses the part of the template after `{{else`. An `{{else if}}` or `{{else with}}` has no `{{end}}` of its own.
   */
  #otherwise(kind: Branch["kind"]): readonly Statement[] {
    const token = this.#peekItem();
    if (kind !== "range" && token.kind === "keyword" && token.text === kind) {
      this.#takeItem();
      return [this.#control(kind)];
    }
    const [body, closing] = this.#list();
    if (closing !== "{{end}}") this.#fail(`expected end; found ${closing}`);
    return body;
  }

  #block({ at }: Token): Statement {
    const name = this.#templateName("block clause");
    const pipeline = this.#pipeline("block clause", "rightDelim");
    const variables = this.#variables;
    this.#variables = ["$"];
    const [body, closing] = this.#list();
    if (closing !== "{{end}}") this.#fail(`unexpected ${closing} in block clause`);
    this.#variables = variables;
    this.#definitions.push(this.#define(name, body));
    return { kind: "template", at, name, pipeline };
  }

  #template(_keyword: Token): Statement {
    const at = this.#peekItem().at;
    const name = this.#templateName("template clause");
    const token = this.#takeItem();
    if (token.kind === "rightDelim") return { kind: "template", at, name, pipeline: undefined };
    this.#next--;
    return { kind: "template", at, name, pipeline: this.#pipeline("template clause", "rightDelim") };
  }

  #templateName(context: string): string {
    const token = this.#takeItem();
    if (token.kind !== "string" && token.kind !== "rawString") this.#unexpected(token, context);
    return this.#literal(() => unquoteString(token.text));
  }

  #pipeline(context: string, end: TokenKind): Pipeline {
    const { at, line } = this.#peekItem();
    const { variables, assigns } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#takeItem();
      if (token.kind === end) break;
      if (!STARTS_COMMAND.has(token.kind)) this.#unexpected(token, context);
      this.#next--;
      commands.push(this.#command());
    }
    this.#checkStages(commands, context);
    return { kind: "pipeline", at, line, assigns, variables, commands };
  }

  #declarations(context: string): { variables: string[]; assigns: boolean } {
    const variables: string[] = [];
    for (;;) {
      const start = this.#next;
      const token = this.#takeItem();
      if (token.kind !== "variable") {
        this.#next = start;
        return { variables, assigns: false };
      }
      const next = this.#takeItem();
      if (next.kind === "assign" || next.kind === "declare") {
        const assigns = next.kind === "assign";
        if (!assigns) this.#variables.push(token.text);
        return { variables: [...variables, token.text], assigns };
      }
      if (next.kind !== "comma") {
        this.#next = start;
        return { variables, assigns: false };
      }
      variables.push(token.text);
      this.#variables.push(token.text);
      if (context !== "range" || variables.length > 1) this.#fail(`too many declarations in ${context}`);
      const following = this.#peekItem().kind;
      if (following !== "variable" && following !== "rightDelim" && following !== "rightParen") {
        this.#fail("range can only initialize variables");
      }
    }
  }

  #checkStages(commands: readonly Command[], context: string): void {
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    commands.slice(1).forEach(({ args }, i) => {
      const kind = args[0]!.kind;
      if (kind === "bool" || kind === "dot" || kind === "nil" || kind === "number" || kind === "string") {
        this.#fail(`non executable command in pipeline stage ${i + 2}`);
      }
    });
  }

  #command(): Command {
    const { at } = this.#peekItem();
    const args: Operand[] = [];
    for (;;) {
      this.#peekItem();
      const operand = this.#operand();
      if (operand !== undefined) args.push(operand);
      const token = this.#take();
      if (token.kind === "space") continue;
      if (token.kind === "rightDelim" || token.kind === "rightParen") this.#next--;
      else if (token.kind !== "pipe") this.#unexpected(token, "operand");
      break;
    }
    if (args.length === 0) this.#fail("empty command");
    return { kind: "command", at, args };
  }

  #operand(): Operand | undefined {
    const base = this.#term();
    if (base === undefined || this.#peek().kind !== "field") return base;
    const { at } = this.#peek();
    const path: string[] = [];
    while (this.#peek().kind === "field") path.push(this.#take().text.slice(1));
    switch (base.kind) {
      case "field":
        return { kind: "field", at, path: [...base.path, ...path] };
      case "variable":
        return { kind: "variable", at, name: base.name, path };
      case "bool":
      case "dot":
      case "nil":
      case "number":
      case "string":
        this.#fail(`unexpected . after term ${quote(printNode(base))}`);
    }
    return { kind: "chain", at, base, path };
  }

  #term(): Operand | undefined {
    const token = this.#takeItem();
    const { at, text } = token;
    switch (token.kind) {
      case "identifier":
        if (!this.#hasFunction(text)) this.#fail(`function ${quote(text)} not defined`);
        return { kind: "identifier", at, name: text };
      case "dot":
        return { kind: "dot", at };
      case "nil":
        return { kind: "nil", at };
      case "variable":
        if (!this.#variables.includes(text)) this.#fail(`undefined variable ${quote(text)}`);
        return { kind: "variable", at, name: text, path: [] };
      case "field":
        return { kind: "field", at, path: [text.slice(1)] };
      case "bool":
        return { kind: "bool", at, value: text === "true" };
      case "rune":
        return { kind: "number", at, text, value: this.#literal(() => unquoteRune(text)) };
      case "number":
        return { kind: "number", at, text, value: this.#literal(() => parseNumber(text)) };
      case "leftParen":
        return this.#pipeline("parenthesized pipeline", "rightParen");
      case "string":
      case "rawString":
        return { kind: "string", at, text, value: this.#literal(() => unquoteString(text)) };
      default:
        this.#next--;
        return undefined;
    }
  }

  #literal<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      this.#fail((cause as Error).message);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? this.#tokens.at(-1)!;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  /** Skips white space, and returns the next token without consuming it. */
  #peekItem(): Token {
    while (this.#peek().kind === "space") this.#next++;
    return this.#peek();
  }

  #takeItem(): Token {
    this.#peekItem();
    return this.#take();
  }

  #expect(kind: TokenKind, context: string): void {
    const token = this.#takeItem();
    if (token.kind !== kind) this.#unexpected(token, context);
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind !== "error") this.#fail(`unexpected ${describeToken(token)} in ${context}`);
    let extra = "";
    if (this.#actionLine !== 0 && this.#actionLine !== token.line) {
      extra = ` in action started at ${this.#name}:${this.#actionLine}`;
      if (token.text.endsWith(" action")) extra = extra.slice(" in action".length);
    }
    this.#fail(token.text + extra);
  }

  #fail(message: string): never {
    const line = this.#tokens[Math.min(Math.max(this.#next - 1, 0), this.#tokens.length - 1)]!.line;
    throw new TemplateError(`template: ${this.#name}:${line}: ${message}`);
  }
}
