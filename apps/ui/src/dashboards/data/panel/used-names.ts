import { type Lookup, type Panel, variableNamesIn } from "@narthex/dashboards";

interface UsedNames {
  /** Names of variables in all texts of the panel. */
  readonly all: readonly string[];
  /** Names of variables in the panel's texts outside its queries. */
  readonly shown: readonly string[];
}

const known = new WeakMap<Panel, UsedNames>();

export function usedNames(panel: Panel): UsedNames {
  let names = known.get(panel);
  if (names === undefined) {
    const { targets, ...rest } = panel.source;
    const shown = variableNamesIn(rest);
    names = { all: [...new Set([...shown, ...variableNamesIn(targets)])], shown: [...shown] };
    known.set(panel, names);
  }
  return names;
}

/**
 * Returns the values of the named variables as one text. Two lookups with equal texts fill the panel's texts with the
 * same values.
 */
export const filledText = (names: readonly string[], lookup: Lookup): string =>
  JSON.stringify(
    names.map((name) => {
      const bound = lookup(name, undefined);
      return bound === undefined ? name : [bound.values, bound.texts, bound.parts];
    }),
  );
