/**
 * A prepared change of the configuration: everything that can fail is done, but nothing has changed yet. When all other
 * parts have prepared their changes, the caller calls one of the two methods, once.
 */
export interface PreparedChange {
  /** Makes the change. This cannot fail, except for a bug. */
  apply(): Promise<void> | void;
  /** Closes everything that was opened for the change. */
  discard(): Promise<void> | void;
}
