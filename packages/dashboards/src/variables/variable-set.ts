import type { Variable, VariableOption } from "../model/dashboard.ts";
import { basisOf, offeredBy, type OfferedSource, type OptionsBasis } from "./offered-options.ts";
import { lookupIn } from "./variable-lookup.ts";
import { dependenciesOf, orderVariables, type VariableOrder } from "./variable-order.ts";
import {
  isSameSelection,
  keptSelection,
  reconcileSelection,
  selectionFromUrl,
  takesOthers,
  type VariableState,
} from "./variable-selection.ts";
import type { Lookup } from "./variable-syntax.ts";
import type { ResolvedTimeRange } from "../time/time-range.ts";

/** A request to a data source for the options of a query variable. */
export interface OptionsQuery {
  /** Text that identifies the request. Requests with the same text are sent only once. */
  readonly key: string;
  /** Sends the request. Rejects with an error whose message is shown to the user. */
  readonly run: (signal: AbortSignal) => Promise<readonly VariableOption[]>;
}

/** The inputs that determine the values of all variables. */
export interface FillRequest {
  /** URL parameters, whose values take precedence over saved values. */
  readonly params: URLSearchParams;
  /** Selected values of variables that are not in the URL. */
  readonly chosen: ReadonlyMap<string, readonly VariableOption[]>;
  readonly sources: readonly OfferedSource[];
  readonly builtIns: Lookup;
  readonly range: ResolvedTimeRange;
  /**
   * Returns the request of a query variable, with references to other variables replaced. If there is no source to
   * query, throws an error whose message is shown to the user.
   */
  readonly queryOf: (variable: Variable, lookup: Lookup) => OptionsQuery;
  /** Number that identifies a refresh. When it changes, variables whose query has failed are queried again. */
  readonly asOf: number;
}

/** The states of all variables, and which of them are still loading. */
export interface FilledVariables {
  /**
   * The state of each variable, in the order of the dashboard. Pending variables have their previous or saved state.
   */
  readonly states: ReadonlyMap<string, VariableState>;
  /** Names of variables that are being filled, and of those that wait for them. */
  readonly pending: ReadonlySet<string>;
}

const CIRCLE = "The variable depends on itself through other variables.";

/** A query that was sent. It also has the data source's answer or error once it has arrived. */
interface Answer {
  readonly key: string;
  readonly control: AbortController;
  readonly asOf: number;
  options?: readonly VariableOption[];
  error?: string;
}

/** The final state of a variable, with the inputs from which it was computed. */
interface Settled {
  readonly state: VariableState;
  readonly basis: OptionsBasis;
  readonly wanted: readonly VariableOption[] | undefined;
}

/** One pass in which all variables are filled. Variables that are not in `settled` are pending. */
interface Pass {
  readonly request: FillRequest;
  readonly settled: Set<string>;
}

/**
 * The variables of an open dashboard. A variable is filled after the variables on which it depends. A query is sent
 * again only if it has changed, so a change affects only the variables that depend on it. If a variable cannot be
 * filled, its state keeps the choice and contains the reason.
 */
export class VariableSet {
  readonly #variables: readonly Variable[];
  readonly #order: VariableOrder;
  readonly #needs: ReadonlyMap<string, readonly string[]>;
  readonly #onChange: (filled: FilledVariables) => void;
  readonly #answers = new Map<string, Answer>();
  readonly #settled = new Map<string, Settled>();
  #pass: Pass | undefined;
  #reported: FilledVariables | undefined;

  constructor(variables: readonly Variable[], onChange: (filled: FilledVariables) => void) {
    this.#order = orderVariables(variables);
    const { ordered } = this.#order;
    const names = new Set(ordered.map(({ name }) => name));
    // Keeps only the first of several variables with the same name.
    this.#variables = variables.filter((variable) => ordered.includes(variable));
    const order = new Map(ordered.map(({ name }, at) => [name, at]));
    this.#needs = new Map(
      ordered.map((variable, at) => [
        variable.name,
        // Dependencies that come later in the order are left out, so that there are no cycles.
        [...dependenciesOf(variable)].filter((name) => names.has(name) && order.get(name)! < at),
      ]),
    );
    this.#onChange = onChange;
  }

  /**
   * Fills the variables for new inputs. Unchanged variables keep their state. A query that is running and still needed
   * is not sent twice.
   */
  update(request: FillRequest): void {
    this.#pass = { request, settled: new Set() };
    this.#advance();
  }

  /** Cancels the running queries of variables. */
  close(): void {
    this.#pass = undefined;
    for (const { control } of this.#answers.values()) control.abort();
    this.#answers.clear();
  }

  #advance(): void {
    const pass = this.#pass;
    if (pass === undefined) return;
    for (const variable of this.#order.ordered) {
      if (pass.settled.has(variable.name)) continue;
      if (!this.#needs.get(variable.name)!.every((name) => pass.settled.has(name))) continue;
      if (this.#settle(variable, pass.request)) pass.settled.add(variable.name);
    }
    const next = {
      states: this.#states(pass.request),
      pending: new Set(this.#order.ordered.flatMap(({ name }) => (pass.settled.has(name) ? [] : [name]))),
    };
    if (this.#reported !== undefined && isSameFilling(this.#reported, next)) return;
    this.#reported = next;
    this.#onChange(next);
  }

  #states(request: FillRequest): Map<string, VariableState> {
    return new Map(
      this.#variables.map((variable) => {
        const { name } = variable;
        return [name, this.#settled.get(name)?.state ?? this.#reported?.states.get(name) ?? asSaved(variable, request)];
      }),
    );
  }

  /** Fills a variable if the data source has answered its query. Otherwise sends the query and returns false. */
  #settle(variable: Variable, request: FillRequest): boolean {
    // The lookup contains only the variable's dependencies, because other variables of a dependency cycle may be filled
    // while the data source answers.
    const needs = this.#needs.get(variable.name)!;
    const states = new Map(needs.map((name) => [name, this.#settled.get(name)!.state]));
    const lookup = lookupIn(states, request.builtIns, request.range);
    let given: readonly VariableOption[] | undefined;
    let error: string | undefined;
    if (variable.type === "query") {
      const answer = this.#query(variable, lookup, request);
      if (answer.options === undefined && answer.error === undefined) return false;
      ({ options: given, error } = answer);
    }
    const before = this.#settled.get(variable.name);
    const wanted = requestedChoice(variable, request);
    const basis = basisOf(variable, lookup, request.sources, given);
    if (before !== undefined && error === undefined && isUnchanged(before, basis, wanted)) return true;
    const state =
      error === undefined ? chosenOf(variable, basis, wanted, before) : failed(variable, wanted, before, error);
    const circle = this.#order.circular.has(variable.name) ? { error: CIRCLE } : {};
    this.#settled.set(variable.name, { state: { ...state, ...circle }, basis, wanted });
    return true;
  }

  #query(variable: Variable, lookup: Lookup, { queryOf, asOf }: FillRequest): Answer {
    const { name } = variable;
    let query: OptionsQuery;
    try {
      query = queryOf(variable, lookup);
    } catch (error) {
      return { key: "", control: new AbortController(), asOf, error: sentence(error) };
    }
    const known = this.#answers.get(name);
    const isStale = known?.error !== undefined && known.asOf !== asOf;
    if (known?.key === query.key && !isStale) return known;
    known?.control.abort();
    const answer: Answer = { key: query.key, control: new AbortController(), asOf };
    this.#answers.set(name, answer);
    const finish = (result: Partial<Answer>): void => {
      if (this.#answers.get(name) !== answer) return;
      Object.assign(answer, result);
      this.#advance();
    };
    query.run(answer.control.signal).then(
      (options) => finish({ options }),
      (error: unknown) => finish({ error: sentence(error) }),
    );
    return answer;
  }
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Returns the values that the user has selected, otherwise the values in the URL; undefined if neither exists. */
const requestedChoice = (
  variable: Variable,
  { params, chosen }: Pick<FillRequest, "params" | "chosen">,
): readonly VariableOption[] | undefined => chosen.get(variable.name) ?? selectionFromUrl(variable, params);

const asSaved = (variable: Variable, request: Pick<FillRequest, "params" | "chosen">): VariableState => ({
  variable,
  options: variable.options,
  current: requestedChoice(variable, request) ?? variable.current,
});

/** Returns the variables before any query, all pending. Values are from the URL, otherwise from the saved dashboard. */
export const savedVariables = (
  variables: readonly Variable[],
  request: Pick<FillRequest, "params" | "chosen">,
): FilledVariables => ({
  states: new Map(variables.map((variable) => [variable.name, asSaved(variable, request)])),
  pending: new Set(variables.map(({ name }) => name)),
});

const isSameFilling = (a: FilledVariables, b: FilledVariables): boolean =>
  a.pending.size === b.pending.size &&
  [...a.pending].every((name) => b.pending.has(name)) &&
  [...a.states].every(([name, state]) => b.states.get(name) === state);

const isSameChoice = (a: readonly VariableOption[] | undefined, b: readonly VariableOption[] | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && isSameSelection(a, b));

const isUnchanged = (before: Settled, basis: OptionsBasis, wanted: readonly VariableOption[] | undefined): boolean =>
  before.basis.every((part, at) => Object.is(part, basis[at])) && isSameChoice(before.wanted, wanted);

function chosenOf(
  variable: Variable,
  basis: OptionsBasis,
  wanted: readonly VariableOption[] | undefined,
  before: Settled | undefined,
): VariableState {
  const { options, error } = offeredBy(variable, basis);
  // Whether the selection is new. A new selection is kept even if no data source offers it. An old one is dropped when
  // its option no longer exists.
  const isNew =
    wanted !== undefined &&
    !isSameChoice(wanted, before?.wanted) &&
    (before === undefined || !isSameSelection(wanted, before.state.current));
  const current =
    isNew && takesOthers(variable)
      ? keptSelection(variable, wanted, options)
      : reconcileSelection(variable, wanted ?? variable.current, options);
  return {
    variable,
    options,
    current: fixedSelection(variable, current, basis),
    ...(error === undefined ? {} : { error }),
  };
}

const failed = (
  variable: Variable,
  wanted: readonly VariableOption[] | undefined,
  before: Settled | undefined,
  error: string,
): VariableState => ({
  variable,
  options: before?.state.options ?? variable.options,
  current: wanted ?? before?.state.current ?? variable.current,
  error,
});

/**
 * Returns the value of a variable without options. A constant always has its configured value, and an empty text box
 * has its default.
 */
function fixedSelection(
  { type }: Variable,
  current: readonly VariableOption[],
  [text]: OptionsBasis,
): readonly VariableOption[] {
  const isFixed = type === "constant" || (type === "textbox" && current.length === 0);
  return isFixed && typeof text === "string" ? [{ text, value: text }] : current;
}
