import type { Make } from "./values.ts";
import { map } from "./yaml-tree.ts";

/** Keys of a YAML section, each with its frequency in percent and a function that generates its value. */
export type Fields = readonly (readonly [percent: number, key: string, make: Make])[];

export const section =
  (...tables: readonly Fields[]): Make =>
  (random) =>
    map(tables.flat().map(([percent, key, make]) => (random.chance(percent) ? [key, make(random)] : undefined)));

/** Returns a function that generates a value with one of several functions, which is chosen randomly by weight. */
export const oneOf =
  (...choices: readonly (readonly [number, Make])[]): Make =>
  (random) =>
    random.weighted(choices)(random);

export const text =
  (value: string): Make =>
  () =>
    value;
