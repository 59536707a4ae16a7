/** Where a server is in its life. */
export class State {
  phase: "starting" | "ready" | "stopping" = "starting";
  /** ms since 1970. */
  readonly startedAt: number;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }
}
