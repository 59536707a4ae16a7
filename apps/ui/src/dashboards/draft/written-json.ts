/** JSON of the dashboard that the user has typed and not applied yet; may be invalid. */
export interface WrittenJson {
  readonly text: string;
  /** JSON of the dashboard when the user started to type. */
  readonly of: string;
}
