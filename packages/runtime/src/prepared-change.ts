/**
 * A prepared change of the configuration: everything that can fail is done, but nothing has changed yet. The caller
 * then calls either apply() or discard(), once.
 */
export interface PreparedChange {
  /** Makes the prepared change. Throws only because of a bug. */
  apply(): Promise<void> | void;
  /** Discards the change, and closes everything that was opened for it. */
  discard(): Promise<void> | void;
}
