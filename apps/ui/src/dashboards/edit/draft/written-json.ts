/** JSON of the dashboard as it is written by hand, before it is applied: it may be no JSON yet. */
export interface WrittenJson {
  readonly text: string;
  /** What the dashboard was when it was begun. */
  readonly of: string;
}
