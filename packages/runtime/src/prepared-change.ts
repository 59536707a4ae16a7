/**
 * A prepared change of configuration: everything that can fail is done, but nothing has changed yet. The caller calls
 * one of the two methods, once, after all other parts have prepared theirs.
 */
export interface PreparedChange {
  /** Puts the change in force. This cannot fail, except for a bug. */
  apply(): Promise<void> | void;
  /** Closes everything that was opened for it. */
  discard(): Promise<void> | void;
}
