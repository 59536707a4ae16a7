import { type Lookup, type Panel, variableNamesIn } from "@narthex/dashboards";

interface UsedNames {
  /** Of the whole panel. */
  readonly all: readonly string[];
  /** Of all but its queries. */
  readonly shown: readonly string[];
}

const known = new WeakMap<Panel, UsedNames>();

/** The variables that texts of a panel name. */
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

/** What names stand for, as a text: the same for two lookups that fill a panel's texts alike. */
export const filledText = (names: readonly string[], lookup: Lookup): string =>
  JSON.stringify(
    names.map((name) => {
      const bound = lookup(name, undefined);
      return bound === undefined ? name : [bound.values, bound.texts, bound.parts];
    }),
  );
