/** How many series the targets of a job have together, and how many more are left out. */
export class SeriesTally {
  resolved = 0;
  cut = 0;

  add(resolved: number, cut: number): void {
    this.resolved += resolved;
    this.cut += cut;
  }
}
