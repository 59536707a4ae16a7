/** Returns the letters that name a query (its refId) by its index: A, B, … Z, AA, AB, … */
export function lettersOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : lettersOf(Math.floor(index / 26) - 1) + letter;
}
