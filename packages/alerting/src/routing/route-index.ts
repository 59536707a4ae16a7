import type { Labels, Matcher } from "@narthex/model";

/** Number of routes from which an index is faster than trying each one. */
const MIN_ROUTES = 16;

interface Indexed {
  readonly matchers: readonly Matcher[];
}

/**
 * Finds the routes of a list that may match an alert. Most of the routes have an equality matcher for the same label,
 * such as the namespace.
 */
export class RouteIndex<R extends Indexed> {
  readonly #label: string;
  /** Positions of the routes that require a value of the label, by value. */
  readonly #byValue = new Map<string, number[]>();
  /** Positions of all other routes. */
  readonly #others: number[] = [];
  readonly #routes: readonly R[];

  private constructor(routes: readonly R[], label: string) {
    this.#routes = routes;
    this.#label = label;
    for (const [i, route] of routes.entries()) {
      const required = route.matchers.find((matcher) => requiresValue(matcher) && matcher.name === label);
      if (required === undefined) this.#others.push(i);
      else push(this.#byValue, required.value, i);
    }
  }

  /** Returns an index of the routes, or undefined if it would not help. */
  static of<R extends Indexed>(routes: readonly R[]): RouteIndex<R> | undefined {
    if (routes.length < MIN_ROUTES) return undefined;
    const counts = new Map<string, number>();
    for (const { matchers } of routes) {
      const names = new Set(matchers.filter(requiresValue).map(({ name }) => name));
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const [label, count] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ["", 0]);
    return count * 2 < routes.length ? undefined : new RouteIndex(routes, label);
  }

  /** Returns the routes that may match the labels, in their order. */
  candidates(labels: Labels): readonly R[] {
    const required = this.#byValue.get(labels.get(this.#label)) ?? [];
    const found: R[] = [];
    let at = 0;
    for (const position of required) {
      while (at < this.#others.length && this.#others[at]! < position) found.push(this.#routes[this.#others[at++]!]!);
      found.push(this.#routes[position]!);
    }
    while (at < this.#others.length) found.push(this.#routes[this.#others[at++]!]!);
    return found;
  }
}

/** Reports whether only alerts with a certain value of a label match. */
const requiresValue = ({ type, value }: Matcher): boolean => type === "=" && value !== "";

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
