/** The sides of a comparison in the order of a round: each second round begins with the last, so that none is always first. */
export const inTurn = <T>(sides: readonly T[], round: number): readonly T[] =>
  round % 2 === 0 ? sides : sides.toReversed();
