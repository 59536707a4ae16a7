import type { GoDuration } from "./duration.ts";
import type { GoTime } from "./time.ts";
import type { Value } from "./value.ts";

/** Types of parameters, with the values that the function gets. */
export interface ParameterTypes {
  any: Value;
  string: string;
  int: bigint;
  float: number;
  bool: boolean;
  /** Any list. */
  list: readonly Value[];
  /** A result of `query`. */
  samples: readonly Value[];
  /** A list of strings. */
  strings: readonly string[];
  time: GoTime;
  duration: GoDuration;
}

/** Name of a parameter type. */
export type ParameterType = keyof ParameterTypes;

/** A function as templates call it. Number and types of the arguments are checked before `call` runs. */
export interface TemplateFunction {
  readonly parameters: readonly ParameterType[];
  /** Type of any further arguments. */
  readonly rest?: ParameterType;
  /** May return a promise if the template is run with executeAsync. Throws FunctionError to fail the template. */
  readonly call: (...args: never[]) => unknown;
  /**
   * Returns additional steps of the run's budget, for calls whose time is not proportional to the length of their
   * arguments.
   */
  readonly cost?: (...args: never[]) => number;
}

/** Functions by the name templates call them with. */
export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

type Arguments<P extends readonly ParameterType[]> = { [K in keyof P]: ParameterTypes[P[K]] };

const free = (): number => 0;

/** Returns a function with a fixed number of arguments. */
export const templateFunction = <const P extends readonly ParameterType[]>(
  parameters: P,
  call: (...args: Arguments<P>) => unknown,
  cost: (...args: Arguments<P>) => number = free,
): TemplateFunction => ({ parameters, call, cost: cost as never });

/** Returns a function whose last parameter repeats. */
export const variadicFunction = <const P extends readonly ParameterType[], const R extends ParameterType>(
  parameters: P,
  rest: R,
  call: (...args: [...Arguments<P>, ...ParameterTypes[R][]]) => unknown,
): TemplateFunction => ({ parameters, rest, call });

/** Go's name of a parameter type. */
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
