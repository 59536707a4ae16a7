import type { Command, Operand, Pipeline, Statement } from "./syntax.ts";
import type { Template } from "./template.ts";

/** The place of an operand in a template. */
interface OperandPlace {
  /** Offset in the template's text, in UTF-16 units. */
  readonly at: number;
  /** Whether `.` is the root value here. Within `range`, `with` and other definitions it is another value. */
  readonly isDotRoot: boolean;
}

/** A value that a template reads, such as `$labels.job`, or a function with its arguments. */
export type UsedOperand =
  | { readonly kind: "variable"; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: "field"; readonly path: readonly string[] }
  | {
      readonly kind: "call";
      readonly name: string;
      /** The arguments in the command. An argument that comes from a pipe is missing. */
      readonly args: readonly CallArgument[];
    };

/** An argument of a function: a string, a variable, or something else. */
export type CallArgument =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "variable"; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: "field"; readonly path: readonly string[] }
  | { readonly kind: "other" };

type Visit = (operand: UsedOperand, place: OperandPlace) => void;

/** Calls `visit` with each variable, field and function call of a template, in the order of the text. */
export function visitOperands(template: Template, visit: Visit): void {
  for (const [name, { body }] of template.definitions) visitStatements(body, name === template.name, visit);
}

function visitStatements(body: readonly Statement[], isDotRoot: boolean, visit: Visit): void {
  for (const statement of body) {
    switch (statement.kind) {
      case "action":
        visitPipeline(statement.pipeline, isDotRoot, visit);
        break;
      case "template":
        if (statement.pipeline !== undefined) visitPipeline(statement.pipeline, isDotRoot, visit);
        break;
      case "if":
      case "range":
      case "with":
        visitPipeline(statement.pipeline, isDotRoot, visit);
        visitStatements(statement.body, isDotRoot && statement.kind === "if", visit);
        visitStatements(statement.otherwise ?? [], isDotRoot, visit);
    }
  }
}

function visitPipeline({ commands }: Pipeline, isDotRoot: boolean, visit: Visit): void {
  for (const command of commands) visitCommand(command, isDotRoot, visit);
}

function visitCommand({ args, at }: Command, isDotRoot: boolean, visit: Visit): void {
  const [first, ...rest] = args;
  if (first?.kind === "identifier")
    visit({ kind: "call", name: first.name, args: rest.map(argumentOf) }, { at, isDotRoot });
  for (const operand of args) visitOperand(operand, isDotRoot, visit);
}

function visitOperand(operand: Operand, isDotRoot: boolean, visit: Visit): void {
  if (operand.kind === "pipeline") visitPipeline(operand, isDotRoot, visit);
  else if (operand.kind === "chain") visitOperand(operand.base, isDotRoot, visit);
  else if (operand.kind === "variable" || operand.kind === "field") visit(operand, { at: operand.at, isDotRoot });
}

function argumentOf(operand: Operand): CallArgument {
  switch (operand.kind) {
    case "string":
    case "variable":
    case "field":
      return operand;
    default:
      return { kind: "other" };
  }
}
