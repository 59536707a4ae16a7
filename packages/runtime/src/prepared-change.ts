/**
 * A prepared change of the configuration: everything that can fail is done, but nothing has changed yet. The caller
 * then calls either apply() or discard(), once.
 */
export interface PreparedChange {
  /** Makes the change. apply() cannot fail, except because of a bug. */
  apply(): Promise<void> | void;
  /** Closes everything that was opened for the change. */
  discard(): Promise<void> | void;
}
