import { Labels } from "@narthex/model";

/** Environment variables of the process, which the caller passes in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Matches a variable as Go's os.Expand does: `$NAME`, `${NAME}`, `$$` and the shell's one-character names. */
const VARIABLE = /\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-]))/g;
const BARE_VARIABLE = /\$([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-])/g;

/**
 * Expands variables in the values of external labels. `$$` becomes a dollar sign. `missing` is called for each variable
 * that is not set or empty.
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
    // Searches for `${NAME}` only before the last `}`, because a text with many `${` and without `}` would otherwise
    // take quadratic time.
    const end = text.lastIndexOf("}") + 1;
    return text.slice(0, end).replaceAll(VARIABLE, valueOf) + text.slice(end).replaceAll(BARE_VARIABLE, valueOf);
  };
  return Labels.of([...labels].map(([name, value]) => [name, expand(value)] as const));
}
