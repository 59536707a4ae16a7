import type { GoDuration } from "./duration.ts";
import type { GoTime } from "./time.ts";
import type { Value } from "./value.ts";

/** Types of parameters of template functions, each with the JavaScript type that the function receives. */
export interface ParameterTypes {
  any: Value;
  string: string;
  int: bigint;
  float: number;
  bool: boolean;
  list: readonly Value[];
  /** The samples that the template function `query` returned. */
  samples: readonly Value[];
  strings: readonly string[];
  time: GoTime;
  duration: GoDuration;
}

export type ParameterType = keyof ParameterTypes;

/** A function that templates can call. Number and types of the arguments are checked before `call`. */
export interface TemplateFunction {
  readonly parameters: readonly ParameterType[];
  /** Type of all further arguments. Absent if the number of arguments is fixed. */
  readonly rest?: ParameterType;
  /**
   * Computes the result. May return a promise if the template is run with executeAsync(). Throws FunctionError to make
   * the template fail.
   */
  readonly call: (...args: never[]) => unknown;
  /**
   * Returns the number of additional steps that a call takes from the template's limit. Needed if the time of a call is
   * not proportional to the length of its arguments.
   */
  readonly cost?: (...args: never[]) => number;
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

/** Returns the function with a name. Returns undefined if the name is unknown. */
export type FunctionLookup = (name: string) => TemplateFunction | undefined;

/** Returns a lookup in a table of functions and then in `others`. */
export const lookupIn =
  (table: FunctionTable, others: FunctionTable = {}): FunctionLookup =>
  (name) =>
    Object.hasOwn(table, name) ? table[name] : Object.hasOwn(others, name) ? others[name] : undefined;

type Arguments<P extends readonly ParameterType[]> = { [K in keyof P]: ParameterTypes[P[K]] };

const free = (): number => 0;

/** Creates a template function with a fixed number of arguments. */
export const templateFunction = <const P extends readonly ParameterType[]>(
  parameters: P,
  call: (...args: Arguments<P>) => unknown,
  cost: (...args: Arguments<P>) => number = free,
): TemplateFunction => ({ parameters, call, cost: cost as never });

/** Creates a template function that accepts any number of arguments of its last parameter's type. */
export const variadicFunction = <const P extends readonly ParameterType[], const R extends ParameterType>(
  parameters: P,
  rest: R,
  call: (...args: [...Arguments<P>, ...ParameterTypes[R][]]) => unknown,
): TemplateFunction => ({ parameters, rest, call });

/** Go's name for each type of parameter, for errors. */
export const GO_TYPE: Readonly<Record<ParameterType, string>> = {
  any: "interface {}",
  string: "string",
  int: "int",
  float: "float64",
  bool: "bool",
  list: "[]interface {}",
  samples: "template.queryResult",
  strings: "[]string",
  time: "time.Time",
  duration: "time.Duration",
};
