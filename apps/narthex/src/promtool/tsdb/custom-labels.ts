import { type Flag, FlagError } from "@narthex/runtime";

type LabelPairs = readonly (readonly [name: string, value: string])[];

/** `--label=name=value`, repeatable. */
export const labelFlag = (help: string): Flag<LabelPairs> => ({
  default: [],
  help,
  boolean: false,
  repeatable: true,
  print: (pairs) => pairs.map((pair) => pair.join("=")).join(","),
  read(text, previous) {
    const at = text.indexOf("=");
    if (at < 0) throw new FlagError(`expected KEY=VALUE got '${text}'`);
    return [...(previous ?? []), [text.slice(0, at), text.slice(at + 1)]];
  },
});
