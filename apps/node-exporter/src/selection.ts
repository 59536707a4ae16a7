/** The collectors that a scrape requests (undefined for all collectors), or the reason why they are not available. */
export type Selection = { readonly names: ReadonlySet<string> | undefined } | { readonly problem: string };

export interface AvailableCollectors {
  /** Names of the running collectors. */
  readonly enabled: readonly string[];
  /** Collectors that a flag can enable. */
  readonly known: ReadonlySet<string>;
}

/** Parses `collect[]` (only these) and `exclude[]` (all except these) of a scrape's URL. */
export function selectCollectors(query: URLSearchParams, { enabled, known }: AvailableCollectors): Selection {
  const wanted = query.getAll("collect[]");
  const unwanted = new Set(query.getAll("exclude[]"));
  if (wanted.length > 0 && unwanted.size > 0)
    return { problem: "Combined collect and exclude queries are not allowed." };
  if (unwanted.size > 0) {
    const rest = enabled.filter((name) => !unwanted.has(name));
    // Uses all collectors if `exclude[]` leaves none, as node_exporter does.
    return { names: rest.length === 0 ? undefined : new Set(rest) };
  }
  if (wanted.length === 0) return { names: undefined };
  for (const name of wanted) {
    if (!enabled.includes(name)) {
      const state = known.has(name) ? "disabled" : "missing";
      return {
        problem: `Couldn't create filtered metrics handler: couldn't create collector: ${state} collector: ${name}`,
      };
    }
  }
  return { names: new Set(wanted) };
}
