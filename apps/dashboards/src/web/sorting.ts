import { refusal } from "./refusal.ts";

/** Compares two elements in ascending order. */
type Compare<T> = (a: T, b: T) => number;

/** Returns a comparison of texts in ascending order, ignoring upper and lower case. */
export const byText =
  <T>(textOf: (one: T) => string): Compare<T> =>
  (a, b) => {
    const [left, right] = [textOf(a).toLowerCase(), textOf(b).toLowerCase()];
    return left < right ? -1 : left > right ? 1 : 0;
  };

/** Returns a comparison of numbers in ascending order. */
export const byNumber =
  <T>(numberOf: (one: T) => number): Compare<T> =>
  (a, b) =>
    numberOf(a) - numberOf(b);

/**
 * Sorts a list by the URL parameter `sort`, which names fields and directions: `name-asc,email-desc`. Without it, sorts
 * by the fields in `usual`. Throws a refusal for an unknown field or direction.
 */
export function sortedBy<T>(
  list: readonly T[],
  query: URLSearchParams,
  fields: Readonly<Record<string, Compare<T>>>,
  usual: string,
): readonly T[] {
  const orders = (query.get("sort") || usual).split(",", Object.keys(fields).length).map((text): Compare<T> => {
    const name = text.replace(/-(?:asc|desc)$/, "");
    const compare = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (compare === undefined || name === text) throw unknownOrder(text, fields);
    return text.endsWith("-desc") ? (a, b) => compare(b, a) : compare;
  });
  return list.toSorted((a, b) => {
    for (const compare of orders) {
      const difference = compare(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

function unknownOrder(text: string, fields: Readonly<Record<string, unknown>>): Error {
  const known = Object.keys(fields).flatMap((name) => [`${name}-asc`, `${name}-desc`]);
  return refusal(400, `sort has the unknown order ${text.slice(0, 100)}: use ${known.join(", ")}`);
}
