import { field, type FieldPositions, type Position, text } from "@narthex/config";
import { accessFault, type ApiServerSettings, type Fault } from "../section.ts";
import { labelSelectorFault } from "../selector.ts";

/** Which objects a configuration entry selects, and where. */
export interface ObjectSelection extends ApiServerSettings {
  /** Label selector of the objects, or "" for all. */
  readonly selector: string;
  /** Label selector of the objects' namespaces, or "" for all. */
  readonly namespaceSelector: string;
}

/** The fields of a selection, in addition to those of the API server. */
export const selectorFields = {
  selector: field("selector", text, ""),
  namespaceSelector: field("namespace_selector", text, ""),
};

/** Returns the first error of a selection with its position, or undefined. */
export function selectionFault(
  value: ObjectSelection,
  at: FieldPositions<ObjectSelection>,
): (Fault & { readonly at: Position }) | undefined {
  const access = accessFault(value, at);
  if (access !== undefined) return access;
  for (const name of ["selector", "namespaceSelector"] as const) {
    const message = labelSelectorFault(value[name]);
    if (message !== undefined)
      return { at: at[name], code: "kubernetes-selector", message, hint: "write it as in app=a,tier in (b, c),!d" };
  }
  return undefined;
}
