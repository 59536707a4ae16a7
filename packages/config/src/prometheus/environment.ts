import { Labels } from "@narthex/model";

/** Process environment, as given by the host. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable in a text, as Go's os.Expand finds it: `$NAME`, `${NAME}`, `$$` and the shell's one-character names. */
const VARIABLE = /\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-]))/g;

/** Expands variables in the values of external labels; `$$` is a dollar sign, and `missing` is called with unset names. */
export function expandLabels(labels: Labels, env: Environment, missing: (name: string) => void): Labels {
  const expand = (text: string): string =>
    text.replaceAll(VARIABLE, (_, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare!;
      if (name === "$") return "$";
      const value = env[name] ?? "";
      if (value === "") missing(name);
      return value;
    });
  return Labels.of([...labels].map(([name, value]) => [name, expand(value)] as const));
}
