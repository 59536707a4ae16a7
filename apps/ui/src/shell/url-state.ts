import { useMemo } from "react";
import { useSearchParams } from "react-router";

/**
 * Returns the value of a URL parameter and a function that sets it. A missing parameter is an empty text. Setting it
 * adds no history entry.
 */
export function useUrlText(name: string): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams();
  const set = (value: string): void =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === "") next.delete(name);
        else next.set(name, value);
        if (name !== "page") next.delete("page");
        return next;
      },
      { replace: true },
    );
  return [params.get(name) ?? "", set];
}

/** Returns the known values of a repeatable URL parameter, and a function that sets them. */
export function useUrlChoices<T extends string>(
  name: string,
  known: readonly T[],
): [T[], (values: readonly T[]) => void] {
  const [params, setParams] = useSearchParams();
  const set = (values: readonly T[]): void =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        next.delete(name);
        for (const value of values) next.append(name, value);
        next.delete("page");
        return next;
      },
      { replace: true },
    );
  const chosen = useMemo(() => known.filter((value) => params.getAll(name).includes(value)), [known, name, params]);
  return [chosen, set];
}
