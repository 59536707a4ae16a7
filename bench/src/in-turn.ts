/**
 * Returns the programs of a comparison in the order for one round. Every second round is reversed, so that each program
 * is first in half of the rounds.
 */
export const inTurn = <T>(sides: readonly T[], round: number): readonly T[] =>
  round % 2 === 0 ? sides : sides.toReversed();
