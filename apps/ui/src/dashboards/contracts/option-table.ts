import { type JsonObject, valueAtPath } from "@narthex/dashboards";

interface OptionBase<T> {
  /** Path in the panel's JSON, separated by dots: `legend.displayMode`. */
  readonly path: string;
  /** Label in the editor. */
  readonly name: string;
  readonly description?: string;
  /** Heading above the option in the editor. Without a heading, the name of the panel type is shown. */
  readonly group?: string;
  readonly initial: T;
  /** Reports whether the editor shows the option, given the current values of the table's options. */
  readonly isShown?: (options: Readonly<Record<string, unknown>>) => boolean;
}

export interface ChoiceOption<T extends string> extends OptionBase<T> {
  readonly kind: "choice";
  /** Label of each selectable value. */
  readonly choices: Readonly<Record<T, string>>;
}
export interface SwitchOption extends OptionBase<boolean> {
  readonly kind: "switch";
}
export interface NumberOption<T extends number | undefined> extends OptionBase<T> {
  readonly kind: "number";
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}
export interface TextOption extends OptionBase<string> {
  readonly kind: "text";
  /** Input element: one line, several lines, or one line with suggested field names. */
  readonly input?: "line" | "area" | "field";
}
export interface ListOption extends OptionBase<readonly string[]> {
  readonly kind: "list";
  /** Which items the list contains: reducers, field names, or any texts. */
  readonly of: "reducers" | "fields" | "text";
}
export interface ColorOption extends OptionBase<string> {
  readonly kind: "color";
}
/** An option with a fixed set of values that may also be numbers or undefined. */
export interface PickOption<T> extends OptionBase<T> {
  readonly kind: "pick";
  /** Selectable values with their labels. The value undefined removes the key from the JSON. */
  readonly choices: readonly (readonly [value: T, name: string])[];
}
/** A duration, or `false` for never, or `true` for always. */
export interface SpanOption extends OptionBase<boolean | number> {
  readonly kind: "span";
  /** Whether the user can select "always". */
  readonly hasAlways: boolean;
}
/** The form of an option that is a list of objects. */
export interface ItemsForm {
  /** Name of an item: `Layer`. */
  readonly noun: string;
  /** Options of an item. */
  readonly table: OptionTable;
  /** A new item. */
  readonly added: JsonObject;
  /** Largest number of items that the form adds. */
  readonly most: number;
}
/** An option that the panel reads by a function. Without a form, it is edited as JSON. */
export interface RawOption<T> extends OptionBase<T> {
  readonly kind: "raw";
  readonly form?: ItemsForm;
  readonly read: (value: unknown) => T | undefined;
}

export type Option =
  | ChoiceOption<string>
  | SwitchOption
  | NumberOption<number | undefined>
  | TextOption
  | ListOption
  | ColorOption
  | PickOption<unknown>
  | SpanOption
  | RawOption<unknown>;

/**
 * The options of a panel type, by name. The table determines the editor's form, how options are read from JSON, and the
 * defaults.
 */
export type OptionTable = Readonly<Record<string, Option>>;

/** The type of the values that a table reads from JSON. */
export type OptionsOf<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends ChoiceOption<infer C>
    ? C
    : T[K] extends SwitchOption
      ? boolean
      : T[K] extends NumberOption<infer N>
        ? N
        : T[K] extends TextOption | ColorOption
          ? string
          : T[K] extends ListOption
            ? readonly string[]
            : T[K] extends PickOption<infer P>
              ? P
              : T[K] extends SpanOption
                ? boolean | number
                : T[K] extends RawOption<infer R>
                  ? R
                  : never;
};

type Rest<T> = Omit<OptionBase<T>, "path" | "name" | "initial">;

export const choice = <const T extends string>(
  path: string,
  name: string,
  choices: Readonly<Record<T, string>>,
  initial: NoInfer<T>,
  rest: Rest<T> = {},
): ChoiceOption<T> => ({ kind: "choice", path, name, choices, initial, ...rest });

export const toggle = (path: string, name: string, initial: boolean, rest: Rest<boolean> = {}): SwitchOption => ({
  kind: "switch",
  path,
  name,
  initial,
  ...rest,
});

export const number = <T extends number | undefined>(
  path: string,
  name: string,
  initial: T,
  rest: Omit<NumberOption<T>, "kind" | "path" | "name" | "initial"> = {},
): NumberOption<T extends number ? number : number | undefined> =>
  ({ kind: "number", path, name, initial, ...rest }) as NumberOption<T extends number ? number : number | undefined>;

export const text = (
  path: string,
  name: string,
  initial = "",
  rest: Omit<TextOption, "kind" | "path" | "name" | "initial"> = {},
): TextOption => ({ kind: "text", path, name, initial, ...rest });

export const list = (
  path: string,
  name: string,
  of: ListOption["of"],
  initial: readonly string[] = [],
  rest: Rest<readonly string[]> = {},
): ListOption => ({ kind: "list", path, name, of, initial, ...rest });

export const color = (path: string, name: string, initial: string, rest: Rest<string> = {}): ColorOption => ({
  kind: "color",
  path,
  name,
  initial,
  ...rest,
});

export const pick = <const T>(
  path: string,
  name: string,
  choices: readonly (readonly [value: T, name: string])[],
  initial: NoInfer<T>,
  rest: Rest<T> = {},
): PickOption<T> => ({ kind: "pick", path, name, choices, initial, ...rest });

export const span = (
  path: string,
  name: string,
  hasAlways: boolean,
  rest: Rest<boolean | number> = {},
): SpanOption => ({ kind: "span", path, name, hasAlways, initial: false, ...rest });

export const raw = <T>(path: string, read: (value: unknown) => T | undefined, initial: T): RawOption<T> => ({
  kind: "raw",
  path,
  name: path,
  read,
  initial,
});

/** Sets the heading in the editor for all options of a table that have no heading. */
export const grouped = <T extends OptionTable>(group: string, table: T): T =>
  Object.fromEntries(Object.entries(table).map(([name, option]) => [name, { group, ...option }])) as T;

/**
 * Returns the value at a path such as `legend.showLegend`; undefined if the path does not exist. Ignores inherited
 * properties.
 */
export function atPath(json: unknown, path: string): unknown {
  return valueAtPath(json, path.split("."));
}

function valueOf(option: Option, value: unknown): unknown {
  switch (option.kind) {
    case "choice":
      return typeof value === "string" && Object.hasOwn(option.choices, value) ? value : undefined;
    case "switch":
      return typeof value === "boolean" ? value : undefined;
    case "number": {
      const given = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      if (typeof given !== "number" || !Number.isFinite(given)) return undefined;
      return Math.min(option.max ?? given, Math.max(option.min ?? given, given));
    }
    case "text":
    case "color":
      return typeof value === "string" ? value : undefined;
    case "list":
      // Older dashboards store a single entry as a text, and an empty list as an empty text.
      if (typeof value === "string") return value === "" ? [] : [value];
      return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : undefined;
    case "pick":
      return option.choices.some(([one]) => one === value) ? value : undefined;
    case "span":
      return typeof value === "boolean" || (typeof value === "number" && value >= 0) ? value : undefined;
    case "raw":
      return value === undefined ? undefined : option.read(value);
  }
}

/**
 * Reads a panel's JSON with a table. A missing value or a value of the wrong type is replaced by the option's default.
 */
export function readOptions<T extends OptionTable>(table: T, json: JsonObject | undefined): OptionsOf<T> {
  const read: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table))
    read[name] = valueOf(option, atPath(json, option.path)) ?? option.initial;
  return read as OptionsOf<T>;
}
