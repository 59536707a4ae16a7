/**
 * Returns the sides of a comparison in the order of a round: every second round is reversed, so that each side is first
 * in half of the rounds.
 */
export const inTurn = <T>(sides: readonly T[], round: number): readonly T[] =>
  round % 2 === 0 ? sides : sides.toReversed();
