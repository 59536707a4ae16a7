import type { Host } from "@narthex/runtime";

export interface ToolContext {
  readonly host: Host;
}
