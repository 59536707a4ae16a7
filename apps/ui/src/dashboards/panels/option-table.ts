import { type JsonObject, valueAtPath } from "@narthex/dashboards";

interface OptionBase<T> {
  /** Where it stands in the panel's JSON, by dots: `legend.displayMode`. */
  readonly path: string;
  /** What the editor calls it. */
  readonly name: string;
  readonly description?: string;
  /** The heading below which the editor has it; absent: the panel's kind itself. */
  readonly group?: string;
  readonly initial: T;
  /** Whether the editor offers it, given what the others are. */
  readonly isShown?: (options: Readonly<Record<string, unknown>>) => boolean;
}

export interface ChoiceOption<T extends string> extends OptionBase<T> {
  readonly kind: "choice";
  /** Values with the words for them. */
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
  /** How it is written: in a line, in an area, or with a code editor. */
  readonly input?: "line" | "area" | "field";
}
export interface ListOption extends OptionBase<readonly string[]> {
  readonly kind: "list";
  /** What the entries are chosen from. */
  readonly of: "reducers" | "fields" | "text";
}
export interface ColorOption extends OptionBase<string> {
  readonly kind: "color";
}
/** One of some values that are not all texts. */
export interface PickOption<T> extends OptionBase<T> {
  readonly kind: "pick";
  /** Values with the words for them; undefined removes the key. */
  readonly choices: readonly (readonly [value: T, name: string])[];
}
/** A time that may also be never, `false`, or always, `true`. */
export interface SpanOption extends OptionBase<boolean | number> {
  readonly kind: "span";
  /** Whether always is one of the choices. */
  readonly hasAlways: boolean;
}
/** What no form can show: a value that only the panel reads. */
export interface RawOption<T> extends OptionBase<T> {
  readonly kind: "raw";
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

/** The options of a panel's kind by their names in code: what is read, its defaults, and the editor's form in one. */
export type OptionTable = Readonly<Record<string, Option>>;

/** What reading a table gives. */
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

/** The same options below a heading of the editor; those that have one keep it. */
export const grouped = <T extends OptionTable>(group: string, table: T): T =>
  Object.fromEntries(Object.entries(table).map(([name, option]) => [name, { group, ...option }])) as T;

/** What stands at a path of dots; undefined where nothing does. Keys of prototypes are not there. */
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
      // Older dashboards have a single entry as a text, and none as an empty one.
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

/** Reads a panel's JSON by a table: what is missing or of a wrong kind takes its default. */
export function readOptions<T extends OptionTable>(table: T, json: JsonObject | undefined): OptionsOf<T> {
  const read: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table))
    read[name] = valueOf(option, atPath(json, option.path)) ?? option.initial;
  return read as OptionsOf<T>;
}
