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

/** What a query variable asks its source. */
export interface OptionsQuery {
  /** Of two that are the same the second is not asked. */
  readonly key: string;
  /** Rejects with a sentence. */
  readonly run: (signal: AbortSignal) => Promise<readonly VariableOption[]>;
}

/** What variables are filled from. */
export interface FillRequest {
  /** The address: it stands before what was saved. */
  readonly params: URLSearchParams;
  /** Choices of variables that no address holds. */
  readonly chosen: ReadonlyMap<string, readonly VariableOption[]>;
  readonly sources: readonly OfferedSource[];
  readonly builtIns: Lookup;
  readonly range: ResolvedTimeRange;
  /** What a query variable asks, its references filled in. Throws a sentence where nobody can be asked. */
  readonly queryOf: (variable: Variable, lookup: Lookup) => OptionsQuery;
  /** Those that could not be filled are asked again where this is another than before. */
  readonly asOf: number;
}

/** Variables as far as they are filled. */
export interface FilledVariables {
  /** All of them, in the order of the dashboard; those that are pending as they were, or as they were saved. */
  readonly states: ReadonlyMap<string, VariableState>;
  /** Names of those that are being filled, and of those that wait for them. */
  readonly pending: ReadonlySet<string>;
}

const CIRCLE = "It depends on itself by way of other variables.";

/** What a source said to a query, or why it did not. */
interface Answer {
  readonly key: string;
  readonly control: AbortController;
  readonly asOf: number;
  options?: readonly VariableOption[];
  error?: string;
}

/** A state with what it was made of. */
interface Settled {
  readonly state: VariableState;
  readonly basis: OptionsBasis;
  readonly wanted: readonly VariableOption[] | undefined;
}

/** A pass over the variables. Those that are not settled in it are pending. */
interface Pass {
  readonly request: FillRequest;
  readonly settled: Set<string>;
}

/**
 * The variables of an open dashboard. Each is filled after those that it depends on; a query is asked again only where it
 * has become another, so that a change reaches those alone that depend on it. One that cannot be filled keeps what was
 * chosen, with the reason.
 */
export class VariableSet {
  readonly #variables: readonly Variable[];
  readonly #order: VariableOrder;
  readonly #needs: ReadonlyMap<string, readonly string[]>;
  readonly #onChange: (filled: FilledVariables) => void;
  readonly #answers = new Map<string, Answer>();
  readonly #settled = new Map<string, Settled>();
  #pass: Pass | undefined;
  #told: FilledVariables | undefined;

  constructor(variables: readonly Variable[], onChange: (filled: FilledVariables) => void) {
    this.#order = orderVariables(variables);
    const { ordered } = this.#order;
    const names = new Set(ordered.map(({ name }) => name));
    // Of two with one name the first counts.
    this.#variables = variables.filter((variable) => ordered.includes(variable));
    const places = new Map(ordered.map(({ name }, at) => [name, at]));
    this.#needs = new Map(
      ordered.map((variable, at) => [
        variable.name,
        // Whoever closes a circle does not wait for those behind it.
        [...dependenciesOf(variable)].filter((name) => names.has(name) && places.get(name)! < at),
      ]),
    );
    this.#onChange = onChange;
  }

  /** Fills them anew: what is the same as before stays. What is on its way and still wanted is not asked twice. */
  update(request: FillRequest): void {
    this.#pass = { request, settled: new Set() };
    this.#advance();
  }

  /** Ends what is on its way. */
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
    if (this.#told !== undefined && isSameFilling(this.#told, next)) return;
    this.#told = next;
    this.#onChange(next);
  }

  #states(request: FillRequest): Map<string, VariableState> {
    return new Map(
      this.#variables.map((variable) => {
        const { name } = variable;
        return [name, this.#settled.get(name)?.state ?? this.#told?.states.get(name) ?? asSaved(variable, request)];
      }),
    );
  }

  /** Whether it could be settled now; else its source has been asked. */
  #settle(variable: Variable, request: FillRequest): boolean {
    // No others: what stands behind it in a circle may be filled while its source is asked.
    const needs = this.#needs.get(variable.name)!;
    const states = new Map(needs.map((name) => [name, this.#settled.get(name)!.state]));
    const lookup = lookupIn(states, request.builtIns, request.range);
    let given: readonly VariableOption[] | undefined;
    let error: string | undefined;
    if (variable.type === "query") {
      const answer = this.#ask(variable, lookup, request);
      if (answer.options === undefined && answer.error === undefined) return false;
      ({ options: given, error } = answer);
    }
    const before = this.#settled.get(variable.name);
    const wanted = wantedOf(variable, request);
    const basis = basisOf(variable, lookup, request.sources, given);
    if (before !== undefined && error === undefined && isUnchanged(before, basis, wanted)) return true;
    const state =
      error === undefined ? chosenOf(variable, basis, wanted, before) : failed(variable, wanted, before, error);
    const circle = this.#order.circular.has(variable.name) ? { error: CIRCLE } : {};
    this.#settled.set(variable.name, { state: { ...state, ...circle }, basis, wanted });
    return true;
  }

  #ask(variable: Variable, lookup: Lookup, { queryOf, asOf }: FillRequest): Answer {
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

/** What the reader chose, by the address or without it; undefined where nothing was. */
const wantedOf = (
  variable: Variable,
  { params, chosen }: Pick<FillRequest, "params" | "chosen">,
): readonly VariableOption[] | undefined => chosen.get(variable.name) ?? selectionFromUrl(variable, params);

const asSaved = (variable: Variable, request: Pick<FillRequest, "params" | "chosen">): VariableState => ({
  variable,
  options: variable.options,
  current: wantedOf(variable, request) ?? variable.current,
});

/** Variables before anybody was asked: what the address or else the dashboard says, all of it pending. */
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

const isSameWish = (a: readonly VariableOption[] | undefined, b: readonly VariableOption[] | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && isSameSelection(a, b));

const isUnchanged = (before: Settled, basis: OptionsBasis, wanted: readonly VariableOption[] | undefined): boolean =>
  before.basis.every((part, at) => Object.is(part, basis[at])) && isSameWish(before.wanted, wanted);

function chosenOf(
  variable: Variable,
  basis: OptionsBasis,
  wanted: readonly VariableOption[] | undefined,
  before: Settled | undefined,
): VariableState {
  const { options, error } = offeredBy(variable, basis);
  // A new choice stands though nobody offers it; an old one goes when its option does.
  const isNew =
    wanted !== undefined &&
    !isSameWish(wanted, before?.wanted) &&
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

/** What constants hold, and texts that nobody has written. */
function fixedSelection(
  { type }: Variable,
  current: readonly VariableOption[],
  [text]: OptionsBasis,
): readonly VariableOption[] {
  const isFixed = type === "constant" || (type === "textbox" && current.length === 0);
  return isFixed && typeof text === "string" ? [{ text, value: text }] : current;
}
