/** Number of series of a job's targets together, and number of omitted ones. */
export class SeriesTally {
  resolved = 0;
  cut = 0;

  add(resolved: number, cut: number): void {
    this.resolved += resolved;
    this.cut += cut;
  }
}
