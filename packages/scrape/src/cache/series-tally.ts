/** Counts the series of all targets of a job: the stored series, and the series that the job's budget omits. */
export class SeriesTally {
  resolved = 0;
  cut = 0;

  add(resolved: number, cut: number): void {
    this.resolved += resolved;
    this.cut += cut;
  }
}
