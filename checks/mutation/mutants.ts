import { lineAt, type SyntaxNode, treeOf, visitNodes } from "../syntax-tree.ts";

/** One small change (mutation) of a source file that a test should detect. */
export interface Mutant {
  /** Counted from 1. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** A syntax node with the child fields that mutations need. */
interface MutableNode extends SyntaxNode {
  readonly operator?: string;
  readonly left?: SyntaxNode;
  readonly right?: SyntaxNode;
  readonly test?: SyntaxNode;
  readonly expression?: SyntaxNode;
}

const OPERATORS: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "&&": "||",
  "||": "&&",
  "??": "&&",
  "<<": ">>",
  ">>": "<<",
  ">>>": ">>",
  "&": "|",
  "|": "&",
};

/** Matches calls that are not mutated: log calls and invariants have no effect that users can observe. */
const UNOBSERVED = /^(?:this\.)?#?\w*[lL]og(?:ger)?\.(?:debug|info|warn|error)\(|^invariant\(/;

/** Matches nodes that are not mutated: types and import paths have no effect at run time. */
const SKIPPED = /^TS(?!AsExpression|NonNullExpression|SatisfiesExpression)|^Import|^Export(?:All|Specifier)/;

/** Returns all possible mutations of a source, sorted by their positions. */
export function mutantsOf(text: string, path: string): Mutant[] {
  const mutants: Mutant[] = [];
  const add = (start: number, end: number, replacement: string): void =>
    void mutants.push({ line: lineAt(text, start), start, end, replacement });
  visitNodes(treeOf(text, path), (node) => {
    if (SKIPPED.test(node.type)) return false;
    mutate(node, text, add);
    return true;
  });
  return mutants.toSorted((a, b) => a.start - b.start);
}

/** Returns the source text with a mutation applied. */
export const withMutant = (text: string, { start, end, replacement }: Mutant): string =>
  text.slice(0, start) + replacement + text.slice(end);

type Add = (start: number, end: number, replacement: string) => void;

function mutate(node: MutableNode, text: string, add: Add): void {
  const { type, start, end, operator = "", left, right, test, argument, value } = node;
  if ((type === "BinaryExpression" || type === "LogicalExpression") && left !== undefined && right !== undefined) {
    const replacement = OPERATORS[operator];
    const at = text.indexOf(operator, left.end);
    const isOfText = operator === "+" && /^[`"']|[`"']$/.test(text.slice(start, end));
    if (replacement !== undefined && !isOfText) add(at, at + operator.length, replacement);
  } else if (type === "UnaryExpression" && operator === "!" && argument !== undefined) add(start, argument.start, "");
  else if (type === "IfStatement" && test !== undefined) {
    add(test.start, test.end, "true");
    add(test.start, test.end, "false");
  } else if (type === "ConditionalExpression" && test !== undefined)
    add(test.start, test.end, `!(${text.slice(test.start, test.end)})`);
  else if (type === "Literal" && typeof value === "number") add(start, end, String(value + 1));
  else if (type === "Literal" && typeof value === "boolean") add(start, end, String(!(value as boolean)));
  else if (type === "ExpressionStatement" && !UNOBSERVED.test(text.slice(start, end))) {
    const kind = node.expression?.type ?? "";
    // Does not remove super() calls, because a derived class's constructor without super() is invalid.
    if (/^(?:Call|Assignment|Update|Await)/.test(kind) && !text.startsWith("super", start)) add(start, end, ";");
  }
}
