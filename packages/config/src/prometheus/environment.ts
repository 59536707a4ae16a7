import { Labels } from "@narthex/model";

/** Process environment, passed by the host. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable in a text, as Go's os.Expand finds it: `$NAME`, `${NAME}`, `$$` and the shell's one-character names. */
const VARIABLE = /\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-]))/g;
const BARE_VARIABLE = /\$([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-])/g;

/**
 * Expands variables in the values of external labels. `$$` is a dollar sign, and `missing` is called for unset names.
 */
export function expandLabels(labels: Labels, env: Environment, missing: (name: string) => void): Labels {
  const valueOf = (_: string, braced: string | undefined, bare: string): string => {
    const name = braced ?? bare;
    if (name === "$") return "$";
    const value = env[name] ?? "";
    if (value === "") missing(name);
    return value;
  };
  const expand = (text: string): string => {
    // No brace closes after the last one. Searching for it from each `${` would take long.
    const end = text.lastIndexOf("}") + 1;
    return text.slice(0, end).replaceAll(VARIABLE, valueOf) + text.slice(end).replaceAll(BARE_VARIABLE, valueOf);
  };
  return Labels.of([...labels].map(([name, value]) => [name, expand(value)] as const));
}
