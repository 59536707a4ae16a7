import fc from "fast-check";

const HTML = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>';

/** Generates unexpected values: wrong types, markup, names of inherited properties, special numbers, deep nesting. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e308,
    -0.5,
    2 ** 53,
    "",
    HTML,
    "javascript:globalThis.hacked=1",
    "$__proto__ ${constructor} [[toString]] ${a:b:c}",
    "/(a+)+$/",
    "\u0000\uD800",
    "x".repeat(5000),
    [],
    {},
    [[[]]],
    [null],
  ),
  fc
    .constantFrom("constructor", "toString", "hasOwnProperty", "prototype")
    .map((key) => ({ [key]: { polluted: HTML } })),
  // JSON.parse() makes `__proto__` an own property, unlike an object literal.
  fc.constant('{"__proto__": {"polluted": 1}}').map((text) => JSON.parse(text) as unknown),
  fc.integer({ min: 10, max: 700 }).map((depth) => nested(depth)),
  fc.jsonValue({ maxDepth: 2 }),
);

function nested(depth: number): unknown {
  let value: unknown = "deep";
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { panels: value };
  return value;
}

type Path = readonly (string | number)[];

function pathsIn(json: unknown, path: Path = []): Path[] {
  if (typeof json !== "object" || json === null) return [path];
  return [
    path,
    ...Object.entries(json).flatMap(([key, value]) =>
      pathsIn(value, [...path, Array.isArray(json) ? Number(key) : key]),
    ),
  ];
}

type Mutation =
  | { readonly kind: "set"; readonly at: Path; readonly value: unknown }
  | { readonly kind: "remove"; readonly at: Path }
  | { readonly kind: "move"; readonly at: Path; readonly to: Path }
  | { readonly kind: "multiply"; readonly at: Path; readonly times: number };

function mutated(json: unknown, { at, ...mutation }: Mutation): unknown {
  if (at.length === 0) return mutation.kind === "set" ? mutation.value : json;
  const copy = structuredClone(json) as Record<string | number, unknown>;
  const get = (path: Path): unknown =>
    path.reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string | number, unknown>)[key]
          : undefined,
      copy,
    );
  const holder = get(at.slice(0, -1));
  const key = at.at(-1)!;
  if (typeof holder !== "object" || holder === null) return copy;
  const container = holder as Record<string | number, unknown>;
  if (mutation.kind === "set") container[key] = mutation.value;
  else if (mutation.kind === "move") container[key] = structuredClone(get(mutation.to));
  else if (mutation.kind === "multiply")
    container[key] = Array.from({ length: mutation.times }, () => structuredClone(get(at)));
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete container[key];
  return copy;
}

/** Generates variants of a JSON value with up to five changes that make it invalid. */
export function hostileJson(json: unknown): fc.Arbitrary<unknown> {
  const path = fc.constantFrom(...pathsIn(json));
  const mutation: fc.Arbitrary<Mutation> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("set" as const), at: path, value: hostileValue }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove" as const), at: path }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("move" as const), at: path, to: path }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("multiply" as const), at: path, times: fc.nat(40) }) },
  );
  return fc.array(mutation, { minLength: 1, maxLength: 5 }).map((all) => all.reduce(mutated, json));
}
