/**
 * A change of configuration that a part has got ready: what can fail is done, and nothing has changed yet. Whoever asked
 * for it calls one of the two, once, when all other parts have answered.
 */
export interface PreparedChange {
  /** Puts it in force. Nothing is left that can go wrong but a bug. */
  apply(): Promise<void> | void;
  /** Lets go of what was opened for it. */
  discard(): Promise<void> | void;
}
