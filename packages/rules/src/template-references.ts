import { type CallArgument, type UsedOperand, visitOperands } from "@narthex/template";
import { parseAlertTemplate } from "./rule-template.ts";

/** A label, value or query that the template of a label or annotation reads. `at` is an offset in the text, in UTF-16 units. */
export type TemplateReference =
  | { readonly kind: "label"; readonly name: string; readonly at: number }
  | { readonly kind: "externalLabel"; readonly name: string; readonly at: number }
  | { readonly kind: "value"; readonly at: number }
  | { readonly kind: "query"; readonly text: string; readonly at: number };

/** Variables and fields of a template that have labels. The value is the kind of the labels. */
const LABEL_VARIABLES: ReadonlyMap<string, "label" | "externalLabel"> = new Map([
  ["$labels", "label"],
  ["$externalLabels", "externalLabel"],
]);
const LABEL_FIELDS: ReadonlyMap<string, "label" | "externalLabel"> = new Map([
  ["Labels", "label"],
  ["ExternalLabels", "externalLabel"],
]);

/** Returns what a template reads. Returns nothing for a text that is not a valid template. */
export function templateReferences(text: string): readonly TemplateReference[] {
  const parsed = parseAlertTemplate("", text);
  if (parsed === undefined) return [];
  const found: TemplateReference[] = [];
  visitOperands(parsed.template, (operand, { at, isDotRoot }) => {
    const offset = at - parsed.offset;
    if (offset < 0) return;
    const reference = referenceOf(operand, isDotRoot);
    if (reference !== undefined) found.push({ ...reference, at: offset });
  });
  return found;
}

type Reference<R = TemplateReference> = R extends TemplateReference ? Omit<R, "at"> : never;

function referenceOf(operand: UsedOperand, isDotRoot: boolean): Reference | undefined {
  if (operand.kind === "call") {
    const [first, second] = operand.args;
    if (operand.name === "query") return first?.kind === "string" ? { kind: "query", text: first.value } : undefined;
    if (operand.name !== "index" || first === undefined || second?.kind !== "string") return undefined;
    const labels = labelsOf(first, isDotRoot);
    return labels === undefined || labels.path.length > 0 ? undefined : { kind: labels.kind, name: second.value };
  }
  if (operand.kind === "variable" && operand.name === "$value" && operand.path.length === 0) return { kind: "value" };
  if (operand.kind === "field" && isDotRoot && operand.path.length === 1 && operand.path[0] === "Value")
    return { kind: "value" };
  const labels = labelsOf(operand, isDotRoot);
  return labels?.path.length === 1 ? { kind: labels.kind, name: labels.path[0]! } : undefined;
}

/** Returns the kind of labels that an operand reads, and the path after it. */
function labelsOf(
  operand: CallArgument | UsedOperand,
  isDotRoot: boolean,
): { readonly kind: "label" | "externalLabel"; readonly path: readonly string[] } | undefined {
  if (operand.kind === "variable") {
    const kind = LABEL_VARIABLES.get(operand.name);
    return kind === undefined ? undefined : { kind, path: operand.path };
  }
  if (operand.kind !== "field" || !isDotRoot) return undefined;
  const [head = "", ...path] = operand.path;
  const kind = LABEL_FIELDS.get(head);
  return kind === undefined ? undefined : { kind, path };
}
