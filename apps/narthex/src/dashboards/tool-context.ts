import type { Host } from "@narthex/runtime";

/** What commands on dashboards in files work with. */
export interface ToolContext {
  readonly host: Host;
}
