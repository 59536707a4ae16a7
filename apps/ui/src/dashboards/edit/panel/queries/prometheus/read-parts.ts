import { parser } from "@prometheus-io/lezer-promql";
import type { SyntaxNode } from "@lezer/common";
import type { FunctionStep, LabelFilter, PromqlParts, Step } from "./promql-parts.ts";
import { noParts } from "./promql-parts.ts";

const promql = parser.configure({ top: "PromQL" });

/** Matches a dashboard variable in each of its notations: `${name}`, `$name` and `[[name]]`. */
const VARIABLE = /\$\{[^$}]*\}|\$\w+|\[\[[^\][]*\]\]/g;

/** Maximum length of an expression that the builder parses. Longer expressions can only be edited as code. */
const MAX_CHARS = 10_000;

/**
 * Replaces each dashboard variable by PromQL of the same length: by a duration inside square brackets, by a name
 * elsewhere. Variables inside strings stay.
 */
export function withoutVariables(expr: string): string {
  const strings = stringRanges(expr);
  return expr.replaceAll(VARIABLE, (variable, at: number) => {
    if (strings.some(([from, to]) => at >= from && at < to)) return variable;
    const isRange = /\[[^\]]*$/.test(expr.slice(Math.max(0, at - 100), at));
    return isRange ? `${"0".repeat(variable.length - 2)}1s` : `_${variable.slice(1).replaceAll(/\W/g, "_")}`;
  });
}

function stringRanges(expr: string): readonly (readonly [number, number])[] {
  return [...expr.matchAll(/"(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?|`[^`]*`?/g)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
}

/**
 * Parses an expression into parts. Returns undefined if it is invalid, or contains syntax that the builder does not
 * support.
 */
export function readParts(expr: string): PromqlParts | undefined {
  if (expr.trim() === "") return noParts;
  if (expr.length > MAX_CHARS) return undefined;
  const tree = promql.parse(withoutVariables(expr));
  let isMistaken = false;
  tree.iterate({ enter: ({ type }) => void (isMistaken ||= type.isError || type.name === "LineComment") });
  const root = tree.topNode.firstChild;
  if (isMistaken || root === null || root.nextSibling !== null) return undefined;
  return new Reader(expr).read(root);
}

class Reader {
  readonly #expr: string;

  constructor(expr: string) {
    this.#expr = expr;
  }

  read(node: SyntaxNode): PromqlParts | undefined {
    switch (node.name) {
      case "VectorSelector":
        return this.#selector(node);
      case "ParenExpr":
        return node.firstChild === null ? undefined : this.read(node.firstChild);
      case "FunctionCall":
        return this.#call(node);
      case "AggregateExpr":
        return this.#aggregate(node);
      case "BinaryExpr":
        return this.#binary(node);
      default:
        return undefined;
    }
  }

  #text(node: { readonly from: number; readonly to: number }): string {
    return this.#expr.slice(node.from, node.to);
  }

  #then(inner: SyntaxNode, step: Step): PromqlParts | undefined {
    const parts = this.read(inner);
    return parts === undefined ? undefined : { ...parts, steps: [...parts.steps, step] };
  }

  #selector(node: SyntaxNode): PromqlParts | undefined {
    let metric = "";
    const filters: LabelFilter[] = [];
    for (const child of childrenOf(node)) {
      if (child.name === "Identifier") metric = this.#text(child);
      else if (child.name !== "LabelMatchers") return undefined;
      else
        for (const one of childrenOf(child)) {
          if (one.name === "QuotedLabelName") metric = unquoted(this.#text(one)) ?? "";
          else {
            const filter = this.#filter(one);
            if (filter === undefined) return undefined;
            filters.push(filter);
          }
        }
    }
    return { metric, filters, steps: [] };
  }

  #filter(node: SyntaxNode): LabelFilter | undefined {
    const [name, op, text] = childrenOf(node);
    if (name === undefined || op === undefined || text?.name !== "StringLiteral") return undefined;
    const value = unquoted(this.#text(text));
    const label = name.name === "QuotedLabelName" ? unquoted(this.#text(name)) : this.#text(name);
    if (value === undefined || label === undefined) return undefined;
    return { label, op: this.#text(op) as LabelFilter["op"], value };
  }

  #call(node: SyntaxNode): PromqlParts | undefined {
    const [name, body] = childrenOf(node);
    if (name === undefined || body === undefined) return undefined;
    const args = childrenOf(body);
    const index = args.findIndex((arg) => !this.#isPlain(arg));
    const main = args[index];
    if (main === undefined || args.slice(index + 1).some((arg) => !this.#isPlain(arg))) return undefined;
    const step: FunctionStep = {
      kind: "function",
      name: this.#text(name),
      before: args.slice(0, index).map((arg) => this.#text(arg)),
      after: args.slice(index + 1).map((arg) => this.#text(arg)),
    };
    if (main.name !== "MatrixSelector" && main.name !== "SubqueryExpr") return this.#then(main, step);
    const inner = main.firstChild;
    if (inner === null) return undefined;
    const range = this.#expr.slice(inner.to, main.to).trim();
    if (!range.startsWith("[") || !range.endsWith("]")) return undefined;
    return this.#then(inner, { ...step, range: range.slice(1, -1).trim() });
  }

  #aggregate(node: SyntaxNode): PromqlParts | undefined {
    const children = childrenOf(node);
    const name = children.find((child) => child.name === "AggregateOp");
    const body = children.find((child) => child.name === "FunctionCallBody");
    const modifier = children.find((child) => child.name === "AggregateModifier");
    if (name === undefined || body === undefined) return undefined;
    const args = childrenOf(body);
    const main = args.at(-1);
    if (main === undefined || this.#isPlain(main)) return undefined;
    const [word, labels] = modifier === undefined ? [] : childrenOf(modifier);
    return this.#then(main, {
      kind: "aggregate",
      name: this.#text(name),
      before: args.slice(0, -1).map((arg) => this.#text(arg)),
      grouping: word === undefined ? "all" : word.name === "By" ? "by" : "without",
      labels: labels === undefined ? [] : childrenOf(labels).map((label) => unquoted(this.#text(label)) ?? ""),
    });
  }

  #binary(node: SyntaxNode): PromqlParts | undefined {
    const [left, right] = [node.firstChild, node.lastChild];
    if (left === null || right === null) return undefined;
    const operator = this.#expr.slice(left.to, right.from).trim().replaceAll(/\s+/g, " ");
    return this.#then(left, { kind: "binary", operator, right: this.#text(right) });
  }

  /** Reports whether an argument of a function is a number, a string, or a dashboard variable. */
  #isPlain(node: SyntaxNode): boolean {
    if (node.name === "NumberDurationLiteral" || node.name === "StringLiteral") return true;
    if (node.name === "UnaryExpr") return node.lastChild !== null && this.#isPlain(node.lastChild);
    return /^(?:\$\w+|\$\{[^}]*\}|\[\[[^\][]*\]\])$/.test(this.#text(node)) && node.nextSibling !== null;
  }
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

/**
 * Returns the value of a PromQL string. A text without quotation marks is returned unchanged. Returns undefined if the
 * string contains an escape that JSON does not have.
 */
function unquoted(text: string): string | undefined {
  const quote = text[0];
  if (quote === "`") return text.slice(1, -1);
  if (quote !== '"' && quote !== "'") return text;
  const inside = text.slice(1, -1);
  const json = quote === '"' ? inside : inside.replaceAll(/\\'|"/g, (mark) => (mark === '"' ? String.raw`\"` : "'"));
  try {
    const read: unknown = JSON.parse(`"${json}"`);
    return typeof read === "string" ? read : undefined;
  } catch {
    return undefined;
  }
}
