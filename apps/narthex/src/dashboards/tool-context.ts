import type { Host } from "@narthex/runtime";

/** Context of the commands for dashboard files. */
export interface ToolContext {
  readonly host: Host;
}
