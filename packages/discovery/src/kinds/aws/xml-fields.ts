import type { XmlElement } from "@narthex/http";
import { quote } from "@narthex/model";
import { AnswerError } from "../../answers/answer-error.ts";

/** How the text of a field becomes the value of a label. */
type FieldKind = "text" | "flag" | "integer" | "time";

/** Fields of one kind: the end of the label's name, and the field's path with dots between the elements. */
type Fields = Readonly<Record<string, string>>;

/** A field of an element, and the label that shows it. */
export interface FieldLabel {
  readonly label: string;
  /** Names of the elements, one within the other. */
  readonly path: readonly string[];
  readonly kind: FieldKind;
}

/** Returns the labels for the fields of an element. Their names begin with `prefix`. */
export const labelFields = (
  prefix: string,
  fields: Readonly<Partial<Record<FieldKind, Fields>>>,
): readonly FieldLabel[] =>
  KINDS.flatMap((kind) =>
    Object.entries(fields[kind] ?? {}).map(([name, path]) => ({ label: prefix + name, path: path.split("."), kind })),
  );

/** Returns the labels of the fields that an element has. Throws AnswerError if a field is not of its kind. */
export function fieldLabels(element: XmlElement, fields: readonly FieldLabel[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const field of fields) {
    const value = valueOf(element, field);
    if (value !== "") labels[field.label] = value;
  }
  return labels;
}

function valueOf(element: XmlElement, { path, kind }: FieldLabel): string {
  let parent = element;
  for (let depth = 0; depth < path.length - 1; depth++) parent = parent.child(path[depth]!);
  const text = parent.text(path.at(-1)!) ?? "";
  if (text === "") return "";
  const value = CONVERSIONS[kind](text);
  if (value !== undefined) return value;
  throw new AnswerError(`field ${path.join(".")} of the answer is ${quote(text)}, but ${kind} is expected`);
}

const CONVERSIONS: Readonly<Record<FieldKind, (text: string) => string | undefined>> = {
  text: (text) => text,
  flag: (text) => (text === "true" || text === "false" ? text : undefined),
  integer: (text) => (/^-?\d{1,19}$/.test(text) ? BigInt(text).toString() : undefined),
  time(text) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? undefined : `${new Date(ms).toISOString().slice(0, -".000Z".length)}Z`;
  },
};

const KINDS = ["text", "flag", "integer", "time"] as const;
