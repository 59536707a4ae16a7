import { quote } from "@narthex/model";

/** An operand in a template. `at` is the offset that Go's errors report for it. */
export type Operand =
  | { readonly kind: "dot"; readonly at: number }
  | { readonly kind: "nil"; readonly at: number }
  | { readonly kind: "bool"; readonly at: number; readonly value: boolean }
  | { readonly kind: "number"; readonly at: number; readonly text: string; readonly value: bigint | number }
  | { readonly kind: "string"; readonly at: number; readonly text: string; readonly value: string }
  | { readonly kind: "field"; readonly at: number; readonly path: readonly string[] }
  | { readonly kind: "variable"; readonly at: number; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: "identifier"; readonly at: number; readonly name: string }
  | { readonly kind: "chain"; readonly at: number; readonly base: Operand; readonly path: readonly string[] }
  | Pipeline;

/** A pipeline such as `a b | c`, which may also declare or assign variables. */
export interface Pipeline {
  readonly kind: "pipeline";
  readonly at: number;
  readonly line: number;
  readonly assigns: boolean;
  readonly variables: readonly string[];
  readonly commands: readonly Command[];
}

/** One stage of a pipeline: a value, or a function or method with its arguments. */
export interface Command {
  readonly kind: "command";
  readonly at: number;
  readonly args: readonly Operand[];
}

/** A statement of a template: literal text or `{{…}}`. */
export type Statement =
  | { readonly kind: "text"; readonly at: number; readonly text: string }
  | { readonly kind: "action"; readonly at: number; readonly pipeline: Pipeline }
  | Branch
  | { readonly kind: "template"; readonly at: number; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly kind: "break" | "continue"; readonly at: number };

export interface Branch {
  readonly kind: "if" | "range" | "with";
  readonly at: number;
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[] | undefined;
}

/** A named template: its statements, and its source text, from which positions of errors are computed. */
export interface Definition {
  readonly name: string;
  /** Name of the parsed text in errors, such as the base name of a file. */
  readonly source: string;
  readonly text: string;
  readonly body: readonly Statement[];
}

/**
 * Reports whether statements print only white space. A definition with such statements never replaces another
 * definition.
 */
export const isBlank = (body: readonly Statement[]): boolean =>
  body.every((statement) => statement.kind === "text" && statement.text.trim() === "");

/** Prints a part of a template as Go's errors show it in `executing … at <…>`. */
export function printNode(node: Operand | Command | Statement): string {
  switch (node.kind) {
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(node.value);
    case "number":
    case "string":
      return node.text;
    case "field":
      return node.path.map((name) => `.${name}`).join("");
    case "variable":
      return [node.name, ...node.path].join(".");
    case "identifier":
      return node.name;
    case "chain":
      return printChain(node.base, node.path);
    case "pipeline":
      return printPipeline(node);
    case "command":
      return node.args.map(printArgument).join(" ");
    default:
      return printStatement(node);
  }
}

const printArgument = (node: Operand): string => (node.kind === "pipeline" ? `(${printNode(node)})` : printNode(node));

const printChain = (base: Operand, path: readonly string[]): string =>
  printArgument(base) + path.map((name) => `.${name}`).join("");

function printPipeline({ variables, assigns, commands }: Pipeline): string {
  const head = variables.length === 0 ? "" : `${variables.join(", ")} ${assigns ? "=" : ":="} `;
  return head + commands.map(printNode).join(" | ");
}

function printStatement(node: Statement): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "action":
      return `{{${printNode(node.pipeline)}}}`;
    case "template":
      return `{{template ${quote(node.name)}${node.pipeline === undefined ? "" : ` ${printNode(node.pipeline)}`}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
    default: {
      const otherwise = node.otherwise === undefined ? "" : `{{else}}${node.otherwise.map(printNode).join("")}`;
      return `{{${node.kind} ${printNode(node.pipeline)}}}${node.body.map(printNode).join("")}${otherwise}{{end}}`;
    }
  }
}
