import { type JsonObject, patchDashboard, valueAtPath } from "@narthex/dashboards";
import type { ChangeEvent } from "react";
import { useDashboardEdit } from "../../draft/edit-context.ts";

type Path = readonly (string | number)[];

/**
 * Functions with which a form reads and changes a part of the dashboard's JSON. The user can undo each change;
 * successive changes of a text field are undone together.
 */
export interface JsonFields {
  readonly valueOf: (...keys: Path) => unknown;
  readonly textOf: (...keys: Path) => string;
  /** @param value new value; undefined removes the key */
  readonly set: (keys: Path, value: unknown) => void;
  /** Changes several values at once. The user undoes them together. */
  readonly setAll: (edits: ReadonlyArray<readonly [keys: Path, value: unknown]>) => void;
  readonly text: (...keys: Path) => {
    readonly value: string;
    readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
  };
  readonly flag: (...keys: Path) => {
    readonly checked: boolean;
    readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void;
  };
}

/** @param what noun for the changed part, used in the text of the undo button: `Change title of …` */
export function useJsonFields(path: Path, what: string): JsonFields {
  const { draft, change } = useDashboardEdit();
  const part = valueAtPath(draft.json, path);
  const valueOf = (...keys: Path): unknown => valueAtPath(part, keys);
  const textOf = (...keys: Path): string => {
    const value = valueOf(...keys);
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  };
  const setAll: JsonFields["setAll"] = (edits) => {
    const name = edits[0]?.[0].at(-1) ?? "";
    const group = [...path, ...(edits[0]?.[0] ?? [])].join(".");
    change(
      `Change ${name} of ${what}`,
      (json: JsonObject) =>
        patchDashboard(
          json,
          edits.map(([keys, value]) => ({ path: [...path, ...keys], value })),
        ),
      group,
    );
  };
  const set: JsonFields["set"] = (keys, value) => setAll([[keys, value]]);
  return {
    valueOf,
    textOf,
    set,
    setAll,
    text: (...keys) => ({ value: textOf(...keys), onChange: ({ currentTarget }) => set(keys, currentTarget.value) }),
    flag: (...keys) => ({
      checked: valueOf(...keys) === true,
      onChange: ({ currentTarget }) => set(keys, currentTarget.checked),
    }),
  };
}
