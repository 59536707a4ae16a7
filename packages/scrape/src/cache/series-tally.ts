/** Number of series of all targets of a job, and number of those that are omitted. */
export class SeriesTally {
  resolved = 0;
  cut = 0;

  add(resolved: number, cut: number): void {
    this.resolved += resolved;
    this.cut += cut;
  }
}
