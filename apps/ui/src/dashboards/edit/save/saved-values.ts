import {
  type BoundVariable,
  type Dashboard,
  isAll,
  type JsonObject,
  type Lookup,
  patchDashboard,
  type RawTimeRange,
  selectionFromUrl,
  type Variable,
  type VariableOption,
} from "@narthex/dashboards";

/**
 * Reports whether the current time range, or the time zone, differs from that in the dashboard's JSON.
 * @param zone time zone in the page's address; null if the address has none
 */
export const isOtherTime = (
  { time, timezone }: Pick<Dashboard, "time" | "timezone">,
  { from, to }: RawTimeRange,
  zone: string | null,
): boolean => from !== time.from || to !== time.to || (zone !== null && zone !== timezone);

/**
 * Sets the default time range in a dashboard's JSON.
 * @param params parameters of the page's address: the refresh interval and the time zone in them are set too
 */
export const withTime = (json: JsonObject, { from, to }: RawTimeRange, params: URLSearchParams): JsonObject =>
  patchDashboard(json, [
    { path: ["time", "from"], value: from },
    { path: ["time", "to"], value: to },
    ...["refresh", "timezone"].flatMap((name) => (params.has(name) ? [{ path: [name], value: params.get(name) }] : [])),
  ]);

/** Selected values that differ from the values in the dashboard's JSON, by variable name. */
export type OtherChoices = ReadonlyMap<string, readonly VariableOption[]>;

/**
 * Returns the variables whose values in the URL differ from those in the dashboard's JSON. `lookup` provides the
 * display texts of the values.
 */
export function otherChoices(variables: readonly Variable[], params: URLSearchParams, lookup: Lookup): OtherChoices {
  const others = new Map<string, readonly VariableOption[]>();
  for (const variable of variables) {
    const chosen = selectionFromUrl(variable, params);
    if (chosen === undefined || isSameChoice(chosen, variable.current)) continue;
    others.set(variable.name, isAll(chosen) ? chosen : named(chosen, lookup(variable.name, undefined)));
  }
  return others;
}

const isSameChoice = (a: readonly VariableOption[], b: readonly VariableOption[]): boolean =>
  a.length === b.length && a.every(({ value }, i) => value === b[i]!.value);

function named(chosen: readonly VariableOption[], bound: BoundVariable | undefined): readonly VariableOption[] {
  return chosen.map((option) => ({ ...option, text: bound?.texts[bound.values.indexOf(option.value)] ?? option.text }));
}

/** Sets the default values of variables in a dashboard's JSON. */
export function withChoices(json: JsonObject, variables: readonly Variable[], choices: OtherChoices): JsonObject {
  const list = (json["templating"] as { readonly list?: readonly unknown[] } | undefined)?.list ?? [];
  return patchDashboard(
    json,
    variables.flatMap((variable) => {
      const at = list.indexOf(variable.source);
      const chosen = choices.get(variable.name);
      if (at < 0 || chosen === undefined) return [];
      return [{ path: ["templating", "list", at, "current"], value: currentJson(variable, chosen) }];
    }),
  );
}

function currentJson({ multi }: Variable, chosen: readonly VariableOption[]): unknown {
  if (multi) return { text: chosen.map(({ text }) => text), value: chosen.map(({ value }) => value) };
  return { text: chosen[0]?.text ?? "", value: chosen[0]?.value ?? "" };
}
