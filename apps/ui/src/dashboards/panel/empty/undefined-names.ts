import { type Panel, variableNamesIn } from "@narthex/dashboards";

/**
 * Returns the sorted names of variables in a panel's queries that the dashboard does not define. Leaves out names that data
 * sources replace, such as `$__interval`, and references to groups of regular expressions, such as `$1`.
 */
export const undefinedNames = (
  { targets }: Pick<Panel, "targets">,
  isDefined: (name: string) => boolean,
): readonly string[] =>
  [...variableNamesIn(targets.filter(({ hide }) => !hide).map(({ source }) => source))]
    .filter((name) => !name.startsWith("__") && !(name[0]! >= "0" && name[0]! <= "9") && !isDefined(name))
    .toSorted();
