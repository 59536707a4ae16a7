import type { Variable, VariableOption } from "../model/dashboard.ts";
import { dependenciesOf, orderVariables } from "./variable-order.ts";
import { filterOptions, listedOptions, sortOptions } from "./variable-options.ts";
import { bindVariable, reconcileSelection, selectionFromUrl, type VariableState } from "./variable-selection.ts";
import { interpolate, type Lookup } from "./variable-syntax.ts";

/** A data source as variables of sources offer it. */
export interface OfferedSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
}

export interface VariableContext {
  readonly sources: readonly OfferedSource[];
  /** Times, steps and other names that every dashboard knows. */
  readonly builtIns: Lookup;
  /** Asks the source of a query variable, whose references `lookup` fills. Rejects with a sentence. */
  readonly ask: (variable: Variable, lookup: Lookup, signal: AbortSignal) => Promise<readonly VariableOption[]>;
  readonly signal: AbortSignal;
}

/** What a variable is filled from: what was chosen, or else the address, or else what was saved. */
export interface VariableChoices {
  readonly params: URLSearchParams;
  readonly chosen?: ReadonlyMap<string, readonly VariableOption[]>;
  /** States that hold on: these variables are not filled again. */
  readonly kept?: ReadonlyMap<string, VariableState>;
}

/** Names a text may use: the states first, then what every dashboard knows. */
export function lookupIn(states: ReadonlyMap<string, VariableState>, builtIns: Lookup): Lookup {
  return (name, part) => {
    const state = states.get(name);
    return state === undefined ? builtIns(name, part) : bindVariable(state);
  };
}

/**
 * Fills a dashboard's variables, each after those that it depends on; those that depend on nobody that is still open are asked
 * side by side. One that cannot be filled keeps what was chosen, with the reason.
 */
export async function loadVariables(
  variables: readonly Variable[],
  choices: VariableChoices,
  context: VariableContext,
): Promise<ReadonlyMap<string, VariableState>> {
  const { ordered, circular } = orderVariables(variables);
  const states = new Map<string, VariableState>();
  const lookup = lookupIn(states, context.builtIns);
  const pending = new Map<string, Promise<void>>();
  const names = new Set(ordered.map(({ name }) => name));
  ordered.forEach((variable) => {
    const needs = [...dependenciesOf(variable)].filter((name) => names.has(name));
    const before = needs.flatMap((name) => pending.get(name) ?? []);
    const filled = Promise.all(before).then(async () => {
      context.signal.throwIfAborted();
      const state = choices.kept?.get(variable.name) ?? (await fill(variable, choices, lookup, context));
      const error = circular.has(variable.name) ? CIRCLE : state.error;
      states.set(variable.name, { ...state, ...(error === undefined ? {} : { error }) });
    });
    pending.set(variable.name, filled);
  });
  await Promise.all(pending.values());
  // In the order of the dashboard, which is that of the controls.
  return new Map(variables.flatMap(({ name }) => (states.has(name) ? [[name, states.get(name)!] as const] : [])));
}

const CIRCLE = "It depends on itself by way of other variables.";

async function fill(
  variable: Variable,
  { params, chosen }: VariableChoices,
  lookup: Lookup,
  context: VariableContext,
): Promise<VariableState> {
  const wanted = chosen?.get(variable.name) ?? selectionFromUrl(variable, params) ?? variable.current;
  const found = await optionsOf(variable, lookup, context).catch((error: unknown) => {
    context.signal.throwIfAborted();
    return { options: variable.options, error: error instanceof Error ? error.message : String(error) };
  });
  const current = found.error === undefined ? reconcileSelection(variable, wanted, found.options) : wanted;
  return {
    variable,
    options: found.options,
    current: freeSelection(variable, current, lookup),
    ...(found.error === undefined ? {} : { error: found.error }),
  };
}

interface Found {
  readonly options: readonly VariableOption[];
  readonly error?: string;
}

async function optionsOf(variable: Variable, lookup: Lookup, context: VariableContext): Promise<Found> {
  const text = typeof variable.query === "string" ? variable.query : "";
  switch (variable.type) {
    case "query":
      return shaped(variable, await context.ask(variable, lookup, context.signal), lookup);
    case "custom":
      return { options: sortOptions(listedOptions(interpolate(text, lookup)), variable.sort) };
    case "interval":
      return { options: intervalOptions(variable, text) };
    case "datasource":
      return shaped(variable, sourceOptions(text, context.sources), lookup);
    default:
      return { options: variable.options };
  }
}

function shaped(variable: Variable, given: readonly VariableOption[], lookup: Lookup): Found {
  const regex = interpolate(variable.regex, lookup, "regex");
  const options = filterOptions(given, regex);
  if (options === undefined) return { options: [], error: `"${regex.slice(0, 200)}" is no regular expression.` };
  return { options: sortOptions(options, variable.sort) };
}

function intervalOptions({ source }: Variable, text: string): readonly VariableOption[] {
  const listed = listedOptions(text.replaceAll(/["'{}]/g, ""));
  return source["auto"] === true ? [{ text: "auto", value: "$__auto" }, ...listed] : listed;
}

/** Names that plugin types go by. */
const SAME_TYPE: Readonly<Record<string, string>> = {
  testdata: "grafana-testdata-datasource",
  postgres: "grafana-postgresql-datasource",
};

function sourceOptions(type: string, sources: readonly OfferedSource[]): readonly VariableOption[] {
  const wanted = SAME_TYPE[type] ?? type;
  const fitting = sources.filter((source) => (SAME_TYPE[source.type] ?? source.type) === wanted);
  const usual = fitting.find(({ isDefault }) => isDefault);
  const options = fitting.map(({ uid, name }) => ({ text: name, value: uid }));
  if (usual === undefined) return options;
  // Whoever chooses nothing has the default source.
  return [{ text: usual.name, value: usual.uid }, ...options.filter(({ value }) => value !== usual.uid)];
}

/** What typed and fixed variables hold. */
function freeSelection(
  variable: Variable,
  current: readonly VariableOption[],
  lookup: Lookup,
): readonly VariableOption[] {
  const text = typeof variable.query === "string" ? variable.query : "";
  if (variable.type === "constant" || (variable.type === "textbox" && current.length === 0)) {
    const value = interpolate(text, lookup);
    return [{ text: value, value }];
  }
  return current;
}
