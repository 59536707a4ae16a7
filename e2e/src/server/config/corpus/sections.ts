import type { Make } from "./values.ts";
import { map } from "./yaml-tree.ts";

/** Keys of a section, each with its frequency in percent and a function that draws its value. */
export type Fields = readonly (readonly [percent: number, key: string, make: Make])[];

export const section =
  (...tables: readonly Fields[]): Make =>
  (random) =>
    map(tables.flat().map(([percent, key, make]) => (random.chance(percent) ? [key, make(random)] : undefined)));

/** Draws a value with one of several functions, each with its weight. */
export const oneOf =
  (...choices: readonly (readonly [number, Make])[]): Make =>
  (random) =>
    random.weighted(choices)(random);

export const text =
  (value: string): Make =>
  () =>
    value;
