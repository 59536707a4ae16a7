import { verbatim } from "../links/link-context.ts";
import type { Dashboard } from "../model/dashboard.ts";
import type { ResolvedTimeRange } from "../time/time-range.ts";
import type { BoundVariable, Lookup } from "./variable-syntax.ts";

/** Information about the user who views a dashboard, and the address of the page. */
export interface Visit {
  readonly user: { readonly id: number; readonly login: string; readonly email: string };
  readonly org: { readonly id: number; readonly name: string };
  /** Path of the page's URL (`/d/…`). `search` is the query string of the URL, including the question mark. */
  readonly path: string;
  readonly search: string;
}

export const unknownVisit: Visit = {
  user: { id: 0, login: "", email: "" },
  org: { id: 1, name: "Main Org." },
  path: "",
  search: "",
};

interface Value {
  readonly text: string;
  readonly parts?: Readonly<Record<string, string>>;
}

/** Returns the built-in variables of a dashboard, except those that depend on the time range. */
export function dashboardNames(
  { uid, title }: Pick<Dashboard, "uid" | "title">,
  zone: string,
  { user, org, path, search }: Visit,
): Lookup {
  const id = String(user.id);
  return lookupOf({
    __dashboard: { text: title, parts: { uid, name: title, title } },
    __org: { text: org.name, parts: { id: String(org.id), name: org.name } },
    __user: { text: id, parts: { id, login: user.login, email: user.email } },
    __url: { text: `${path}${search}`, parts: { path, params: search } },
    __timezone: { text: zone },
    __name: { text: "" },
    // `$__searchFilter` in a variable's query matches all values, because the browser searches in the values itself.
    __searchFilter: { text: ".*" },
  });
}

/** Returns a lookup that adds `$__from`, `$__to` and `$__range` to the variables of the lookup `around`. */
export function rangeNames({ from, to }: ResolvedTimeRange, around: Lookup): Lookup {
  const seconds = String(Math.round((to - from) / 1000));
  const own = lookupOf({
    __from: { text: String(from) },
    __to: { text: String(to) },
    __range: { text: `${seconds}s` },
    __range_s: { text: seconds },
    __range_ms: { text: String(to - from) },
  });
  return (name, part) => own(name, part) ?? around(name, part);
}

const lookupOf =
  (values: Readonly<Record<string, Value>>): Lookup =>
  (name): BoundVariable | undefined => {
    if (!Object.hasOwn(values, name)) return undefined;
    const { text, parts } = values[name]!;
    return parts === undefined ? verbatim(name, text) : { ...verbatim(name, text), parts };
  };
