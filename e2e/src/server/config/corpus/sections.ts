import type { Make } from "./values.ts";
import { map } from "./yaml-tree.ts";

/** Keys of a section, each with its frequency in percent and a function that draws its value. */
export type Fields = readonly (readonly [percent: number, key: string, make: Make])[];

export const section =
  (...tables: readonly Fields[]): Make =>
  (dice) =>
    map(tables.flat().map(([percent, key, make]) => (dice.chance(percent) ? [key, make(dice)] : undefined)));

/** Draws a value with one of several functions, each with its weight. */
export const oneOf =
  (...choices: readonly (readonly [number, Make])[]): Make =>
  (dice) =>
    dice.weighted(choices)(dice);

export const text =
  (value: string): Make =>
  () =>
    value;
