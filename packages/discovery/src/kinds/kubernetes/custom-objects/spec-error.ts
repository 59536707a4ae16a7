/** Error of an object's spec, such as a missing field or a missing Secret. */
export class SpecError extends Error {
  override readonly name = "SpecError";
  /** Whether the error message already contains the position in the object's spec. */
  readonly isPlaced: boolean;

  constructor(message: string, isPlaced = false) {
    super(message);
    this.isPlaced = isPlaced;
  }
}

/** Runs a function that reads a field of a spec. Puts the field's name in front of error messages. */
export function within<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SpecError) || error.isPlaced) throw error;
    throw new SpecError(`${field}: ${error.message}`);
  }
}
